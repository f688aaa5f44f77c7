import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { CurrentCaller, type Caller } from '../../auth/index.js';
import { ApiProblems, externalIdSchema, ExternalIdParam, IsExternalId, Optional } from '../../http/index.js';
import { WorkspaceDto, WorkspacesService, WorkspaceViews } from '../../workspaces/index.js';
import { CopyService } from './copy.service.js';

export class CopyBody {
  @ApiProperty({ ...externalIdSchema, description: 'The message that gets the content.', example: 'msg-2' })
  @IsExternalId()
  message_id: string;

  @ApiPropertyOptional({ ...externalIdSchema, description: 'The chat of that message.', example: 'chat-1' })
  @Optional()
  @IsExternalId()
  chat_id?: string;
}

@ApiTags('Workspaces')
@Controller('workspaces')
export class CopyController {
  constructor(
    private readonly workspaces: WorkspacesService,
    private readonly copies: CopyService,
    private readonly views: WorkspaceViews,
  ) {}

  @Post(':workspace_id/copy')
  @ApiOperation({
    operationId: 'copyWorkspace',
    summary: 'Copy a workspace to another message',
    description:
      'For a regenerated or branched answer: the kept files of this workspace are attached to the other message. ' +
      'Waits for a run under way. Variables are not copied.',
  })
  @ApiCreatedResponse({ description: 'The workspace of the other message.', type: WorkspaceDto })
  @ApiProblems(400, 404)
  async copy(
    @CurrentCaller() caller: Caller,
    @ExternalIdParam('workspace_id') workspaceId: string,
    @Body() body: CopyBody,
  ): Promise<WorkspaceDto> {
    const source = await this.workspaces.get(caller.id, workspaceId);
    return this.views.one(await this.copies.copy(source, body.message_id, body.chat_id ?? null));
  }
}
