import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Public } from '../auth/index.js';
import { ApiProblems } from '../http/index.js';
import { ArtifactsService } from '../storage/index.js';
import { ApiContent } from './content.documentation.js';
import { sendContent } from './content-response.js';
import { ContentQuery } from './downloads.dto.js';
import { SharedFilesService } from './shared-files.service.js';
import { contentOf } from './stored-content.js';

@ApiTags('Downloads')
@Controller('downloads/shared')
export class SharedFilesController {
  constructor(
    private readonly shared: SharedFilesService,
    private readonly artifacts: ArtifactsService,
  ) {}

  @Public()
  @Get(':token')
  @ApiOperation({
    operationId: 'followLink',
    summary: 'Download a file by its link',
    description: 'Needs no credentials: the signature in the link is the permission.',
  })
  @ApiParam({ name: 'token', description: 'From a `link` or `url` of ours.', schema: { type: 'string' } })
  @ApiContent()
  @ApiProblems(400, 404, 410, 416)
  async follow(
    @Param('token') token: string,
    @Query() { disposition }: ContentQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const file = await this.shared.follow(token);
    // A chat that isolates its page (COEP) could not show the image otherwise.
    response.set('Cross-Origin-Resource-Policy', 'cross-origin');
    await sendContent(request, response, contentOf(file, this.artifacts), disposition);
  }
}
