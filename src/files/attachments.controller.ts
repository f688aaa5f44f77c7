import { Body, Controller, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentCaller, type Caller } from '../auth/index.js';
import { ApiProblems, ExternalIdParam } from '../http/index.js';
import { AttachmentsService } from './attachments.service.js';
import { viewFile } from './file-view.js';
import { AttachBody, AttachedFiles } from './files.dto.js';

@ApiTags('Files')
@Controller('messages/:message_id/attachments')
export class AttachmentsController {
  constructor(private readonly attachments: AttachmentsService) {}

  @Put()
  @ApiOperation({
    operationId: 'attachExistingFiles',
    summary: 'Attach files you own to a message',
    description:
      'Generated ones too. Each becomes a File of this message with its own id and shared bytes; repeating gives ' +
      'the same File.',
  })
  @ApiOkResponse({ description: 'The files of this message, in the order asked for.', type: AttachedFiles })
  @ApiProblems(400, 404)
  async attach(
    @CurrentCaller() caller: Caller,
    @ExternalIdParam('message_id') messageId: string,
    @Body() body: AttachBody,
  ): Promise<AttachedFiles> {
    const target = { userId: caller.id, messageId, chatId: body.chat_id ?? null, workspaceId: null };
    const files = await this.attachments.attachFiles(target, body.file_ids);
    return { files: files.map((file) => viewFile(file)) };
  }
}
