import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AdminOnly, isUserId } from '../auth/index.js';
import { NotFoundError } from '../errors/index.js';
import { ExecutionsQuery, ExecutionsService, KernelsService } from '../execution/index.js';
import { ApiPage, ApiProblems, PageQuery, pageOf, type Page } from '../http/index.js';
import { RetentionService, WorkspacesService, WorkspaceViews, type Workspace } from '../workspaces/index.js';
import {
  AdminExecutionDto,
  AdminWorkspaceDto,
  CleanupBody,
  CleanupDto,
  KernelsDto,
  StatsDto,
} from './admin.dto.js';
import { AdminService } from './admin.service.js';

@ApiTags('Admin')
@AdminOnly()
@Controller('admin')
export class AdminController {
  constructor(
    private readonly admin: AdminService,
    private readonly workspaces: WorkspacesService,
    private readonly views: WorkspaceViews,
    private readonly executions: ExecutionsService,
    private readonly kernels: KernelsService,
    private readonly retention: RetentionService,
  ) {}

  @Get('stats')
  @ApiOperation({ operationId: 'getStats', summary: 'Statistics', description: 'The service at a glance.' })
  @ApiOkResponse({ description: 'Counts and bytes.', type: StatsDto })
  stats(): Promise<StatsDto> {
    return this.admin.stats();
  }

  @Get('workspaces')
  @ApiOperation({
    operationId: 'listAllWorkspaces',
    summary: 'List workspaces of all users',
    description: 'Last used first.',
  })
  @ApiPage(AdminWorkspaceDto, 'A page of workspaces.')
  @ApiProblems(400)
  async listWorkspaces(@Query() query: PageQuery): Promise<Page<AdminWorkspaceDto>> {
    const rows = await this.workspaces.list({}, query);
    return pageOf(rows, query.limit, {
      item: (row) => this.viewWorkspace(row),
      cursor: (row) => ({ at: row.lastUsedAt, id: row.id }),
    });
  }

  @Get('kernels')
  @ApiOperation({
    operationId: 'listKernels',
    summary: 'List kernels',
    description: 'Those of this process.',
  })
  @ApiOkResponse({ description: 'Live kernels.', type: KernelsDto })
  listKernels(): KernelsDto {
    const now = performance.now();
    return {
      items: this.kernels.list().map(({ kernel, directory, busy, lastUsed }) => ({
        id: kernel.id,
        directory,
        state: busy ? 'busy' : 'idle',
        idle_seconds: busy ? 0 : Math.round((now - lastUsed) / 100) / 10,
      })),
    };
  }

  @Get('executions')
  @ApiOperation({
    operationId: 'listAllExecutions',
    summary: 'List executions of all users',
    description: 'Newest first.',
  })
  @ApiPage(AdminExecutionDto, 'A page of executions.')
  @ApiProblems(400)
  async listExecutions(@Query() query: ExecutionsQuery): Promise<Page<AdminExecutionDto>> {
    const { message_id: messageId, chat_id: chatId, status } = query;
    const filter = {
      ...(messageId !== undefined && { messageId }),
      ...(chatId !== undefined && { chatId }),
      ...(status !== undefined && { status }),
    };
    const page = pageOf(await this.executions.list(filter, query), query.limit, {
      item: (row) => row,
      cursor: (row) => ({ at: row.createdAt, id: row.id }),
    });
    const views = await this.executions.view(page.items);
    const items = views.map((view, at) => ({ ...view, user_id: page.items[at]?.userId ?? '' }));
    return { ...page, items };
  }

  @Post('cleanup')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'cleanUp',
    summary: 'Clean up now',
    description:
      'Closes workspaces unused for longer than the retention and answers when it is done. Stored files stay; the ' +
      'next run of a message restores its workspace.',
  })
  @ApiOkResponse({ description: 'What was closed, or with `dry_run` would be.', type: CleanupDto })
  @ApiProblems(400)
  async cleanUp(@Body() { dry_run: dryRun = false }: CleanupBody): Promise<CleanupDto> {
    const { workspaces, bytes } = await (dryRun ? this.retention.preview() : this.retention.run());
    return { dry_run: dryRun, workspaces: workspaces.map((row) => this.viewWorkspace(row)), bytes };
  }

  @Delete('users/:user_id/data')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'deleteUserData',
    summary: "Delete a user's data",
    description:
      'Workspaces, kernels, files and executions; what runs is stopped. A user without data has none.',
  })
  @ApiNoContentResponse({ description: 'Nothing of it is left.' })
  @ApiProblems(404)
  async deleteUserData(@Param('user_id') userId: unknown): Promise<void> {
    if (!isUserId(userId)) throw new NotFoundError('user', String(userId).slice(0, 64));
    await this.admin.deleteUserData(userId);
  }

  private viewWorkspace(workspace: Workspace): AdminWorkspaceDto {
    return { ...this.views.one(workspace), user_id: workspace.userId };
  }
}
