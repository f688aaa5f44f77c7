import { Body, Controller, Delete, Get, Headers, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { CurrentCaller, RateLimited, type Caller } from '../auth/index.js';
import { ApiPage, ApiProblems, pageOf, ResourceIdParam, type Page } from '../http/index.js';
import { ExecuteBody, ExecutionDto, ExecutionLinksQuery, ExecutionsQuery } from './execution.dto.js';
import { FollowQuery } from './events/follow.dto.js';
import { readFollowed } from './events/followed.js';
import { StreamsService } from './events/streams.service.js';
import { ALL_EVENTS_DESCRIPTION, ApiExecute, EVENTS_DESCRIPTION } from './executions.documentation.js';
import type { Execution } from './execution.entity.js';
import { ExecutionsService } from './executions.service.js';
import { outputText } from './output-text.js';
import { idempotencyKey, lastEventId, prefersAsync, wantsEvents } from './request-headers.js';
import { RelayService } from './relay/relay.service.js';
import { originOf } from './relay/request-origin.js';
import { StopRequestsService } from './run/stop-requests.service.js';
import { SubmissionService } from './submission.service.js';

const locationOf = (id: string): string => `/api/v1/executions/${id}`;

@ApiTags('Executions')
@Controller('executions')
export class ExecutionsController {
  constructor(
    private readonly executions: ExecutionsService,
    private readonly submission: SubmissionService,
    private readonly streams: StreamsService,
    private readonly stops: StopRequestsService,
    private readonly relays: RelayService,
  ) {}

  @Post()
  @HttpCode(200)
  @RateLimited()
  @ApiExecute()
  async execute(
    @CurrentCaller() caller: Caller,
    @Body() body: ExecuteBody,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ExecutionDto | undefined> {
    const id = await this.submission.submit(caller.id, body, idempotencyKey(headers['idempotency-key']));
    if (wantsEvents(headers.accept)) {
      response.set({ Location: locationOf(id) });
      await this.streams.stream(
        {
          userId: caller.id,
          executionId: id,
          lastEventId: 0,
          linkSeconds: body.links,
          origin: originOf(headers),
        },
        response,
      );
      return undefined;
    }
    if (!prefersAsync(headers.prefer)) {
      return await this.executions.viewFinal(caller.id, id, body.links);
    }
    response.status(202).set({ Location: locationOf(id), 'Preference-Applied': 'respond-async' });
    return await this.executions.viewOne(await this.executions.get(caller.id, id), body.links);
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

  @Get('events')
  @ApiOperation({
    operationId: 'streamExecutions',
    summary: 'Follow several executions',
    description: ALL_EVENTS_DESCRIPTION,
  })
  @ApiOkResponse({ description: 'Events.', content: { 'text/event-stream': { schema: { type: 'string' } } } })
  @ApiProblems(400, 404)
  async eventsOfAll(
    @CurrentCaller() { id: userId }: Caller,
    @Query() { follow, links: linkSeconds }: FollowQuery,
    @Req() { headers }: Request,
    @Res() response: Response,
  ): Promise<void> {
    const followed = follow.flatMap((text) => readFollowed(text) ?? []);
    await this.streams.streamAll(
      followed.map((one) => ({ userId, linkSeconds, origin: originOf(headers), ...one })),
      response,
    );
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
    @Req() request: Request,
  ): Promise<ExecutionDto> {
    return await this.viewNow(await this.executions.get(caller.id, id), request, query.links);
  }

  @Get(':execution_id/events')
  @ApiOperation({
    operationId: 'streamExecution',
    summary: 'Follow an execution',
    description: EVENTS_DESCRIPTION,
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Resumes behind this event.' })
  @ApiOkResponse({ description: 'Events.', content: { 'text/event-stream': { schema: { type: 'string' } } } })
  @ApiProblems(400, 404)
  async events(
    @CurrentCaller() caller: Caller,
    @ResourceIdParam('execution_id', 'execution') id: string,
    @Query() query: ExecutionLinksQuery,
    @Req() { headers }: Request,
    @Res() response: Response,
  ): Promise<void> {
    const behind = lastEventId(headers['last-event-id']?.toString());
    const stream = { userId: caller.id, executionId: id, lastEventId: behind, linkSeconds: query.links };
    await this.streams.stream({ ...stream, origin: originOf(headers) }, response);
  }

  @Get(':execution_id/output')
  @ApiOperation({
    operationId: 'getOutput',
    summary: 'The output as text',
    description: 'All that was kept of stdout, stderr, the result and the error, one below the other.',
  })
  @ApiOkResponse({ description: 'Text.', content: { 'text/plain': { schema: { type: 'string' } } } })
  @ApiProblems(404)
  async output(
    @CurrentCaller() caller: Caller,
    @ResourceIdParam('execution_id', 'execution') id: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const view = await this.viewNow(await this.executions.get(caller.id, id), request);
    response.type('text/plain; charset=utf-8');
    return outputText(view);
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
    const asked = await this.stops.ofExecution(await this.executions.get(caller.id, id));
    response.status(asked ? 202 : 204);
  }

  /** With its output so far, whichever process has it. */
  private async viewNow(execution: Execution, request: Request, links?: number): Promise<ExecutionDto> {
    const relayed = await this.relays.view(execution, originOf(request.headers), links);
    return relayed ?? (await this.executions.viewOne(execution, links));
  }
}
