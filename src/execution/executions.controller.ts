import { Body, Controller, Delete, Get, Headers, HttpCode, Post, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { CurrentCaller, RateLimited, type Caller } from '../auth/index.js';
import { ApiPage, ApiProblems, pageOf, ResourceIdParam, type Page } from '../http/index.js';
import { ExecuteBody, ExecutionDto, ExecutionLinksQuery, ExecutionsQuery } from './execution.dto.js';
import { ExecutionsService } from './executions.service.js';
import { idempotencyKey, prefersAsync } from './request-headers.js';
import { SubmissionService } from './submission.service.js';

@ApiTags('Executions')
@Controller('executions')
export class ExecutionsController {
  constructor(
    private readonly executions: ExecutionsService,
    private readonly submission: SubmissionService,
  ) {}

  @Post()
  @HttpCode(200)
  @RateLimited()
  @ApiOperation({
    operationId: 'execute',
    summary: 'Run code',
    description:
      'Runs Python in the workspace of the message (else of the chat, else a new one), which the code sees as ' +
      '`/mnt/data`, and answers when it ended. A Python error, a time-out, a dead or stopped kernel is a result ' +
      'with its `status`, not an HTTP error. Variables live until the next run of the same workspace. A client ' +
      'that goes away does not stop the run.',
  })
  @ApiHeader({
    name: 'Prefer',
    required: false,
    description: '`respond-async`: 202 with `Location` at once.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'Within 24 hours the same key and body join or repeat the same execution.',
  })
  @ApiOkResponse({ description: 'The execution ended.', type: ExecutionDto })
  @ApiAcceptedResponse({ description: 'It was taken; `Location` tells where to look.', type: ExecutionDto })
  @ApiProblems(400, 404, 413, 422, 429, 503, 507)
  async execute(
    @CurrentCaller() caller: Caller,
    @Body() body: ExecuteBody,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ExecutionDto> {
    const id = await this.submission.submit(caller.id, body, idempotencyKey(headers['idempotency-key']));
    if (!prefersAsync(headers.prefer)) {
      return this.executions.viewOne(await this.executions.final(caller.id, id), body.links);
    }
    response.status(202).set({ Location: `/api/v1/executions/${id}`, 'Preference-Applied': 'respond-async' });
    return this.executions.viewOne(await this.executions.get(caller.id, id), body.links);
  }

  @Get()
  @ApiOperation({
    operationId: 'listExecutions',
    summary: 'List executions',
    description: "The caller's own, newest first.",
  })
  @ApiPage(ExecutionDto, 'A page of executions.')
  @ApiProblems(400)
  async list(@CurrentCaller() caller: Caller, @Query() query: ExecutionsQuery): Promise<Page<ExecutionDto>> {
    const { message_id: messageId, chat_id: chatId, status } = query;
    const rows = await this.executions.list(
      {
        userId: caller.id,
        ...(messageId !== undefined && { messageId }),
        ...(chatId !== undefined && { chatId }),
        ...(status !== undefined && { status }),
      },
      query,
    );
    const page = pageOf(rows, query.limit, {
      item: (row) => row,
      cursor: (row) => ({ at: row.createdAt, id: row.id }),
    });
    return { ...page, items: await this.executions.view(page.items, query.links) };
  }

  @Get(':execution_id')
  @ApiOperation({
    operationId: 'getExecution',
    summary: 'Show an execution',
    description: 'As far as it is: output so far while it runs.',
  })
  @ApiOkResponse({ description: 'The execution.', type: ExecutionDto })
  @ApiProblems(404)
  async get(
    @CurrentCaller() caller: Caller,
    @ResourceIdParam('execution_id', 'execution') id: string,
    @Query() query: ExecutionLinksQuery,
  ): Promise<ExecutionDto> {
    return this.executions.viewOne(await this.executions.get(caller.id, id), query.links);
  }

  @Delete(':execution_id')
  @ApiOperation({
    operationId: 'stopExecution',
    summary: 'Stop an execution',
    description: 'Interrupts the code; it ends as `interrupted`, with its output and files so far.',
  })
  @ApiAcceptedResponse({ description: 'It was asked to stop.' })
  @ApiNoContentResponse({ description: 'It had ended already.' })
  @ApiProblems(404)
  async stop(
    @CurrentCaller() caller: Caller,
    @ResourceIdParam('execution_id', 'execution') id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const asked = await this.executions.cancel(await this.executions.get(caller.id, id));
    response.status(asked ? 202 : 204);
  }
}
