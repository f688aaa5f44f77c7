import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentCaller, type Caller } from '../../auth/index.js';
import { ApiProblems, ExternalIdParam } from '../../http/index.js';
import { WorkspaceDto, WorkspacesService, WorkspaceViews } from '../../workspaces/index.js';
import { RestartService } from './restart.service.js';

@ApiTags('Workspaces')
@Controller('workspaces')
export class RestartController {
  constructor(
    private readonly workspaces: WorkspacesService,
    private readonly restarts: RestartService,
    private readonly views: WorkspaceViews,
  ) {}

  @Post(':workspace_id/restart')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'restartKernel',
    summary: 'Restart the kernel',
    description:
      'Interrupts what runs, ends the kernel and its variables; files are kept. The next run gets a fresh kernel.',
  })
  @ApiOkResponse({ description: 'The workspace, without a kernel.', type: WorkspaceDto })
  @ApiProblems(400, 404)
  async restart(
    @CurrentCaller() caller: Caller,
    @ExternalIdParam('workspace_id') workspaceId: string,
  ): Promise<WorkspaceDto> {
    const workspace = await this.workspaces.get(caller.id, workspaceId);
    await this.restarts.restart(workspace);
    return this.views.one(await this.workspaces.get(caller.id, workspaceId));
  }
}
