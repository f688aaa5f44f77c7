import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { CurrentCaller, type Caller } from '../auth/index.js';
import { ApiProblems, ExternalIdParam } from '../http/index.js';
import { PromptService } from './prompt.service.js';

/** Text for a model's system prompt. */
export class PromptDto {
  @ApiProperty({ example: '## Code interpreter\nYou can run Python in a Jupyter kernel. …' })
  prompt: string;
}

@ApiTags('Workspaces')
@Controller('workspaces')
export class PromptController {
  constructor(private readonly prompts: PromptService) {}

  @Get(':workspace_id/prompt')
  @ApiOperation({
    operationId: 'getPrompt',
    summary: 'The prompt for a model',
    description:
      'Tells a model which files are there (also before the first run), how to save results, which libraries it ' +
      'can use and what the limits are. Plain text with `Accept: text/plain`.',
  })
  @ApiExtraModels(PromptDto)
  @ApiOkResponse({
    description: 'The prompt; that of an empty workspace for ids nobody used.',
    content: {
      'application/json': { schema: { $ref: '#/components/schemas/PromptDto' } },
      'text/plain': { schema: { type: 'string' } },
    },
  })
  @ApiProblems(400)
  async prompt(
    @CurrentCaller() caller: Caller,
    @ExternalIdParam('workspace_id') workspaceId: string,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<PromptDto | string> {
    const prompt = await this.prompts.prompt(caller.id, workspaceId);
    const plain =
      accept !== undefined && response.req.accepts(['application/json', 'text/plain']) === 'text/plain';
    if (!plain) return { prompt };
    response.type('text/plain; charset=utf-8');
    return prompt;
  }
}
