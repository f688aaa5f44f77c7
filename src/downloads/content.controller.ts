import { Controller, Get, Head, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { CurrentCaller, type Caller } from '../auth/index.js';
import { FilesService } from '../files/index.js';
import { ApiProblems, ResourceIdParam } from '../http/index.js';
import { ArtifactsService } from '../storage/index.js';
import { ApiContent } from './content.documentation.js';
import { sendContent } from './content-response.js';
import { ContentQuery } from './downloads.dto.js';
import { contentOf } from './stored-content.js';

@ApiTags('Files')
@Controller('files')
export class ContentController {
  constructor(
    private readonly files: FilesService,
    private readonly artifacts: ArtifactsService,
  ) {}

  // Before GET, which would answer HEAD too, but unseen by the document.
  @Head(':file_id/content')
  @ApiOperation({
    operationId: 'headFileContent',
    summary: 'Ask about the bytes of a file',
    description: 'The headers that GET would answer with, for the whole content.',
  })
  @ApiContent()
  @ApiProblems(400, 404)
  async head(
    @CurrentCaller() caller: Caller,
    @ResourceIdParam('file_id', 'file') fileId: string,
    @Query() query: ContentQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.send(caller, fileId, query, { request, response });
  }

  @Get(':file_id/content')
  @ApiOperation({
    operationId: 'getFileContent',
    summary: 'Read the bytes of a file',
    description:
      'Attached or generated. Sent as a download that runs nothing in the browser; with ranges and entity tags.',
  })
  @ApiContent()
  @ApiProblems(400, 404, 410, 416)
  async get(
    @CurrentCaller() caller: Caller,
    @ResourceIdParam('file_id', 'file') fileId: string,
    @Query() query: ContentQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.send(caller, fileId, query, { request, response });
  }

  private async send(
    caller: Caller,
    fileId: string,
    { disposition }: ContentQuery,
    { request, response }: { request: Request; response: Response },
  ): Promise<void> {
    const file = await this.files.get(caller.id, fileId);
    await sendContent(request, response, contentOf(file, this.artifacts), disposition);
  }
}
