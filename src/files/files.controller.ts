import { Body, Controller, Delete, Get, HttpCode, Post, Query, Req, UseInterceptors } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Request } from 'express';
import { CurrentCaller, RateLimited, type Caller } from '../auth/index.js';
import { DomainError } from '../errors/index.js';
import { ApiPage, ApiProblems, pageOf, ResourceIdParam, type Page } from '../http/index.js';
import { AttachmentsService } from './attachments.service.js';
import { pathFromClient } from './file-path.js';
import { viewFile } from './file-view.js';
import { FileDto } from './file.dto.js';
import { AttachedFiles, FileQuery, FilesQuery, UploadBody, UploadForm } from './files.dto.js';
import { FilesService } from './files.service.js';
import { LinksService } from './links.service.js';
import { UploadInterceptor, uploadsOf } from './upload.interceptor.js';

@ApiTags('Files')
@Controller('files')
export class FilesController {
  constructor(
    private readonly files: FilesService,
    private readonly attachments: AttachmentsService,
    private readonly links: LinksService,
  ) {}

  @Post()
  @RateLimited()
  @UseInterceptors(UploadInterceptor)
  @ApiOperation({
    operationId: 'attachFiles',
    summary: 'Attach files to a message',
    description:
      'Uploads files that stand in `/mnt/data` before the code of that message runs next. All or nothing. Another ' +
      'content under a taken name becomes `name (2).ext`; the same content under the same name is attached once.',
  })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ type: UploadForm })
  @ApiCreatedResponse({ description: 'The files, in the order of the parts.', type: AttachedFiles })
  @ApiProblems(400, 413, 429, 507)
  async upload(
    @CurrentCaller() caller: Caller,
    @Req() request: Request,
    @Body() body: UploadBody,
  ): Promise<AttachedFiles> {
    const uploads = uploadsOf(request).map(({ name, staged }) => ({ path: pathFromClient(name), staged }));
    if (uploads.length === 0) throw noFiles();
    const target = {
      userId: caller.id,
      messageId: body.message_id,
      chatId: body.chat_id ?? null,
      workspaceId: null,
    };
    const files = await this.attachments.attachUploads(target, uploads);
    return { files: files.map((file) => viewFile(file)) };
  }

  @Get()
  @ApiOperation({
    operationId: 'listFiles',
    summary: 'List files',
    description: "The caller's own, newest first; the latest version of each path unless `versions=all`.",
  })
  @ApiPage(FileDto, 'A page of files.')
  @ApiProblems(400)
  async list(@CurrentCaller() caller: Caller, @Query() query: FilesQuery): Promise<Page<FileDto>> {
    const rows = await this.files.list(caller.id, filterOf(query), query);
    const link = this.links.maker(query.links);
    return pageOf(rows, query.limit, {
      item: (row) => viewFile(row, link),
      cursor: (row) => ({ at: row.createdAt, id: row.id }),
    });
  }

  @Get(':file_id')
  @ApiOperation({
    operationId: 'getFile',
    summary: 'Show a file',
    description: 'What is known about it; its bytes are at `url`.',
  })
  @ApiOkResponse({ description: 'The file.', type: FileDto })
  @ApiProblems(400, 404)
  async get(
    @CurrentCaller() caller: Caller,
    @ResourceIdParam('file_id', 'file') fileId: string,
    @Query() query: FileQuery,
  ): Promise<FileDto> {
    return viewFile(await this.files.get(caller.id, fileId), this.links.maker(query.links));
  }

  @Delete(':file_id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'deleteFile',
    summary: 'Delete a file',
    description:
      'Removes its path in its message with all versions. A workspace keeps its own copy until it ends.',
  })
  @ApiNoContentResponse({ description: 'It is gone.' })
  @ApiProblems(404)
  async delete(
    @CurrentCaller() caller: Caller,
    @ResourceIdParam('file_id', 'file') fileId: string,
  ): Promise<void> {
    await this.files.delete(await this.files.get(caller.id, fileId));
  }
}

function filterOf(query: FilesQuery): Parameters<FilesService['list']>[1] {
  const { message_id: messageId, chat_id: chatId, source, versions, display } = query;
  return {
    ...(messageId !== undefined && { messageId }),
    ...(chatId !== undefined && { chatId }),
    ...(source !== undefined && { source }),
    allVersions: versions === 'all',
    display: display === 'true',
  };
}

function noFiles(): DomainError {
  const message = 'file must be at least one file part of the multipart body.';
  return new DomainError('invalid', 'validation_failed', message, {
    details: { errors: [{ field: 'file', message }] },
  });
}
