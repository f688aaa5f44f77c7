import { Controller, Delete, Get, HttpCode, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentCaller, type Caller } from '../auth/index.js';
import { ApiPage, ApiProblems, ExternalIdParam, PageQuery, pageOf, type Page } from '../http/index.js';
import { ClosingService } from './closing.service.js';
import { WorkspaceViews } from './workspace-views.service.js';
import { WorkspaceDto } from './workspace.dto.js';
import { WorkspacesService } from './workspaces.service.js';

@ApiTags('Workspaces')
@Controller('workspaces')
export class WorkspacesController {
  constructor(
    private readonly workspaces: WorkspacesService,
    private readonly closing: ClosingService,
    private readonly views: WorkspaceViews,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listWorkspaces',
    summary: 'List workspaces',
    description: "The caller's own, last used first.",
  })
  @ApiPage(WorkspaceDto, 'A page of workspaces.')
  @ApiProblems(400)
  async list(@CurrentCaller() caller: Caller, @Query() query: PageQuery): Promise<Page<WorkspaceDto>> {
    const rows = await this.workspaces.list({ userId: caller.id }, query);
    return pageOf(rows, query.limit, {
      item: (row) => this.views.one(row),
      cursor: (row) => ({ at: row.lastUsedAt, id: row.id }),
    });
  }

  @Get(':workspace_id')
  @ApiOperation({
    operationId: 'getWorkspace',
    summary: 'Show a workspace',
    description: 'By message id, chat id or UUID.',
  })
  @ApiOkResponse({ description: 'The workspace.', type: WorkspaceDto })
  @ApiProblems(400, 404)
  async get(
    @CurrentCaller() caller: Caller,
    @ExternalIdParam('workspace_id') workspaceId: string,
  ): Promise<WorkspaceDto> {
    return this.views.one(await this.workspaces.get(caller.id, workspaceId));
  }

  @Delete(':workspace_id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'deleteWorkspace',
    summary: 'Delete a workspace',
    description: 'Interrupts what runs, ends its kernel and removes its directory. Stored files stay.',
  })
  @ApiNoContentResponse({ description: 'It is gone.' })
  @ApiProblems(400, 404)
  async delete(
    @CurrentCaller() caller: Caller,
    @ExternalIdParam('workspace_id') workspaceId: string,
  ): Promise<void> {
    await this.closing.delete(await this.workspaces.get(caller.id, workspaceId));
  }
}
