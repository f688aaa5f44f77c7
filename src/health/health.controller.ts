import { Controller, Get, Header, HttpStatus, Res } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { AdminOnly, OptionalCaller, Public, type Caller } from '../auth/index.js';
import { LimitsService } from '../execution/index.js';
import { LiveDto, PartDto, ReadyDto } from './health.dto.js';
import { MetricsService } from './metrics.service.js';
import type { PartState } from './part-state.js';
import { PartsService } from './parts.service.js';

@ApiTags('Health')
@ApiExtraModels(PartDto)
@Controller()
export class HealthController {
  constructor(
    private readonly parts: PartsService,
    private readonly metrics: MetricsService,
    private readonly limits: LimitsService,
  ) {}

  @Get('health/live')
  @Public()
  @ApiOperation({ operationId: 'live', summary: 'Is it alive', description: 'The process answers.' })
  @ApiOkResponse({ description: 'It does.', type: LiveDto })
  live(): LiveDto {
    return { status: 'ok' };
  }

  @Get('health/ready')
  @Public()
  @ApiOperation({
    operationId: 'ready',
    summary: 'Is it ready',
    description:
      "Names the parts that runs need, and whether they work; causes and limits only with an admin's token.",
  })
  @ApiOkResponse({ description: 'All parts work.', type: ReadyDto })
  @ApiServiceUnavailableResponse({ description: 'Some part does not.', type: ReadyDto })
  async ready(
    @OptionalCaller() caller: Caller | null,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ReadyDto> {
    const states = Object.entries(await this.parts.check());
    const ok = states.every(([, { ok: works }]) => works);
    if (!ok) response.status(HttpStatus.SERVICE_UNAVAILABLE);
    const isAdmin = caller?.role === 'admin';
    const view = isAdmin ? detailed : plain;
    return {
      status: ok ? 'ok' : 'failed',
      parts: Object.fromEntries(states.map(([name, state]) => [name, view(state)])),
      ...(isAdmin && { limits: await this.limits.list() }),
    };
  }

  @Get('metrics')
  @AdminOnly()
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @ApiOperation({
    operationId: 'metrics',
    summary: 'Metrics',
    description: 'In the text format of Prometheus.',
  })
  @ApiOkResponse({ description: 'Metrics.', content: { 'text/plain': { schema: { type: 'string' } } } })
  async getMetrics(): Promise<string> {
    return await this.metrics.text();
  }
}

function plain({ ok }: PartState): PartDto {
  return { status: ok ? 'ok' : 'failed' };
}

function detailed(state: PartState): PartDto {
  return { ...plain(state), detail: state.detail };
}
