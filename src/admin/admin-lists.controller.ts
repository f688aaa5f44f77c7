import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { AdminOnly } from '../auth/index.js';
import { ExecutionsQuery, ExecutionsService } from '../execution/index.js';
import { ApiPage, ApiProblems, PageQuery, pageOf, type Page } from '../http/index.js';
import { WorkspacesService, WorkspaceViews } from '../workspaces/index.js';
import { AdminExecutionDto, AdminWorkspaceDto } from './admin.dto.js';
import { viewForAdmin } from './workspace-view.js';

@ApiTags('Admin')
@AdminOnly()
@Controller('admin')
export class AdminListsController {
  constructor(
    private readonly workspaces: WorkspacesService,
    private readonly views: WorkspaceViews,
    private readonly executions: ExecutionsService,
  ) {}

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
      item: (row) => viewForAdmin(this.views, row),
      cursor: (row) => ({ at: row.lastUsedAt, id: row.id }),
    });
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
}
