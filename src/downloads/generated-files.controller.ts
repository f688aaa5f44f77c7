import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { CurrentCaller, type Caller } from '../auth/index.js';
import { FileDto, LinksService, viewFile } from '../files/index.js';
import { ApiProblems, ExternalIdParam, ResourceIdParam } from '../http/index.js';
import { ArtifactsService } from '../storage/index.js';
import { sendArchive } from './archive-response.js';
import { ArchivesService } from './archives.service.js';
import { ApiContent } from './content.documentation.js';
import { sendContent } from './content-response.js';
import { ArchiveQuery, ChatFiles, ContentQuery, GeneratedFilesQuery, ResolveQuery } from './downloads.dto.js';
import { GeneratedFilesService } from './generated-files.service.js';
import { ModelLinksService } from './model-links.service.js';
import { contentOf } from './stored-content.js';

const DEFAULT_LINK_SECONDS = 3600;

/** Routes under `{message_id}` stand before `file/{file_id}`: they win where both would match. */
@ApiTags('Downloads')
@ApiExtraModels(FileDto)
@Controller('downloads/code-execution')
export class GeneratedFilesController {
  constructor(
    private readonly generated: GeneratedFilesService,
    private readonly archives: ArchivesService,
    private readonly modelLinks: ModelLinksService,
    private readonly links: LinksService,
    private readonly artifacts: ArtifactsService,
  ) {}

  @Get(':message_id/files')
  @ApiOperation({
    operationId: 'listGeneratedFilesOfMessage',
    summary: 'List the files that code made for a message',
    description: 'Latest versions, newest first, at most 1,000. Empty for a message nobody knows.',
  })
  @ApiOkResponse({ description: 'The files.', type: [FileDto] })
  @ApiProblems(400)
  async ofMessage(
    @CurrentCaller() caller: Caller,
    @ExternalIdParam('message_id') messageId: string,
    @Query() query: GeneratedFilesQuery,
  ): Promise<FileDto[]> {
    const files = await this.generated.ofMessage(caller.id, messageId, query.display === 'true');
    const link = this.links.maker(query.links);
    return files.map((file) => viewFile(file, link));
  }

  @Get(':message_id/archive')
  @ApiOperation({
    operationId: 'downloadArchive',
    summary: 'Download all files that code made for a message',
    description: 'A ZIP of the latest versions, made while it is sent; folders are kept.',
  })
  @ApiOkResponse({
    description: 'The archive.',
    content: { 'application/zip': { schema: { type: 'string', format: 'binary' } } },
  })
  @ApiProblems(400, 404, 410)
  async archive(
    @CurrentCaller() caller: Caller,
    @ExternalIdParam('message_id') messageId: string,
    @Query() query: ArchiveQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const pieces = this.archives.ofMessage(caller.id, messageId, query.display === 'true');
    await sendArchive(request, response, pieces, `files-${messageId}.zip`);
  }

  @Get(':message_id/resolve')
  @ApiOperation({
    operationId: 'resolveLink',
    summary: 'Find the file that a link of a model means',
    description:
      'Models write `sandbox:/mnt/data/x`, `/mnt/data/x` or `x`, percent-encoded or not, in either Unicode form. ' +
      'Files of the message, generated or attached; the latest version.',
  })
  @ApiOkResponse({ description: 'The file.', type: FileDto })
  @ApiResponse({ status: 302, description: 'With `redirect=1`: to a signed link of the file.' })
  @ApiProblems(400, 404)
  async resolve(
    @CurrentCaller() caller: Caller,
    @ExternalIdParam('message_id') messageId: string,
    @Query() query: ResolveQuery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<FileDto | undefined> {
    const file = await this.modelLinks.resolve(caller.id, messageId, query.path);
    if (query.redirect !== '1' && query.redirect !== 'true') {
      return viewFile(file, this.links.maker(query.links));
    }
    response.redirect(302, this.links.maker(query.links ?? DEFAULT_LINK_SECONDS)(file));
    return undefined;
  }

  @Get('chat/:chat_id/files')
  @ApiOperation({
    operationId: 'listGeneratedFilesOfChat',
    summary: 'List the files that code made in a chat',
    description: 'Latest versions by message, newest first. Empty for a chat nobody knows.',
  })
  @ApiOkResponse({ description: 'The files.', type: ChatFiles })
  @ApiProblems(400)
  async ofChat(
    @CurrentCaller() caller: Caller,
    @ExternalIdParam('chat_id') chatId: string,
    @Query() query: GeneratedFilesQuery,
  ): Promise<ChatFiles> {
    const { total, messages } = await this.generated.ofChat(caller.id, chatId, query.display === 'true');
    const link = this.links.maker(query.links);
    const groups = [...messages].map(
      ([id, files]) => [id, files.map((file) => viewFile(file, link))] as const,
    );
    return { chat_id: chatId, total_files: total, messages: Object.fromEntries(groups) };
  }

  @Get('file/:file_id')
  @ApiOperation({
    operationId: 'downloadGeneratedFile',
    summary: 'Download a file that code made',
    description: 'The same bytes as `GET /files/{file_id}/content`, but only of files that code made.',
  })
  @ApiContent()
  @ApiProblems(400, 403, 404, 410, 416)
  async download(
    @CurrentCaller() caller: Caller,
    @ResourceIdParam('file_id', 'file') fileId: string,
    @Query() { disposition }: ContentQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const file = await this.generated.get(caller.id, fileId);
    await sendContent(request, response, contentOf(file, this.artifacts), disposition);
  }
}
