import { Body, Controller, Delete, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentCaller, type Caller } from '../auth/index.js';
import { ApiProblems, ResourceIdParam } from '../http/index.js';
import { ShareBody, SharedLinkDto } from './downloads.dto.js';
import { SharedFilesService } from './shared-files.service.js';

const DEFAULT_SECONDS = 3600;

@ApiTags('Downloads')
@Controller('downloads/code-execution/file/:file_id/links')
export class FileLinksController {
  constructor(private readonly shared: SharedFilesService) {}

  @Post()
  @ApiOperation({
    operationId: 'shareFile',
    summary: 'Make a link that needs no credentials',
    description: 'For Markdown, `<img>` and people. It works until it expires or is taken back.',
  })
  @ApiBody({ type: ShareBody, required: false })
  @ApiCreatedResponse({ description: 'The link.', type: SharedLinkDto })
  @ApiProblems(400, 404)
  async share(
    @CurrentCaller() caller: Caller,
    @ResourceIdParam('file_id', 'file') fileId: string,
    @Body() body?: ShareBody,
  ): Promise<SharedLinkDto> {
    const seconds = body?.expires_in ?? DEFAULT_SECONDS;
    const { url, expiresAt } = await this.shared.share(caller.id, fileId, seconds);
    return { url, expires_at: expiresAt.toISOString() };
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({
    operationId: 'takeLinksBack',
    summary: 'Take all links of a file back',
    description: 'Also those that results and lists carried. New ones can be made.',
  })
  @ApiNoContentResponse({ description: 'None of them works any more.' })
  @ApiProblems(404)
  async takeBack(
    @CurrentCaller() caller: Caller,
    @ResourceIdParam('file_id', 'file') fileId: string,
  ): Promise<void> {
    await this.shared.takeBack(caller.id, fileId);
  }
}
