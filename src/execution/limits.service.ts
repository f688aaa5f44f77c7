import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../config/index.js';
import { Engine, type KernelLimit } from './engine/index.js';
import type { LimitDto } from './limits.dto.js';

const UNITS: Readonly<Record<KernelLimit['name'], LimitDto['unit']>> = {
  memory: 'bytes',
  processes: 'count',
  cpu: 'share',
  file: 'bytes',
  open_files: 'count',
};

/** The limits of runs, for admins: which are in force, and by what means. */
@Injectable()
export class LimitsService {
  constructor(
    private readonly engine: Engine,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  /** Those of kernels only when the engine is ours. */
  async list(): Promise<LimitDto[]> {
    const { execution, workspaces } = this.config;
    const kernel = await this.engine.limits();
    return [
      { name: 'time', value: execution.maxTimeoutSeconds, unit: 'seconds', by: 'service' },
      { name: 'output', value: execution.maxOutputBytes, unit: 'bytes', by: 'service' },
      { name: 'workspace_bytes', value: workspaces.maxBytes, unit: 'bytes', by: 'service' },
      { name: 'workspace_files', value: workspaces.maxFiles, unit: 'count', by: 'service' },
      ...kernel.map(({ name, value, by }) => ({ name, value, unit: UNITS[name], by })),
    ];
  }
}
