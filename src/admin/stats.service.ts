import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DispatcherService, KernelsService, LimitsService } from '../execution/index.js';
import type { StatsDto } from './admin.dto.js';

const TOTALS = `
  SELECT (SELECT count(DISTINCT user_id) FROM workspaces) AS users,
         (SELECT count(*) FROM workspaces WHERE state = 'active') AS active,
         (SELECT count(*) FROM workspaces WHERE state = 'expired') AS expired,
         (SELECT coalesce(sum(bytes), 0) FROM workspaces WHERE state = 'active') AS workspace_bytes,
         (SELECT count(*) FROM files) AS files,
         (SELECT count(*) FROM artifacts) AS artifacts,
         (SELECT coalesce(sum(size), 0) FROM artifacts) AS artifact_bytes`;

type Totals = Record<
  'users' | 'active' | 'expired' | 'workspace_bytes' | 'files' | 'artifacts' | 'artifact_bytes',
  string
>;

/** The service at a glance, for admins. */
@Injectable()
export class StatsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly dispatcher: DispatcherService,
    private readonly kernels: KernelsService,
    private readonly limits: LimitsService,
  ) {}

  async read(): Promise<StatsDto> {
    const [totals] = await this.dataSource.query<[Totals]>(TOTALS);
    return {
      users: Number(totals.users),
      workspaces: {
        active: Number(totals.active),
        expired: Number(totals.expired),
        bytes: Number(totals.workspace_bytes),
      },
      executions: this.dispatcher.stats,
      kernels: this.kernels.list().length,
      limits: await this.limits.list(),
      storage: {
        files: Number(totals.files),
        artifacts: Number(totals.artifacts),
        bytes: Number(totals.artifact_bytes),
      },
    };
  }
}
