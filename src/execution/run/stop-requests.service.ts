import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { AppConfig } from '../../config/index.js';
import { Execution } from '../execution.entity.js';
import { isFinal } from '../executions.service.js';
import { DispatcherService } from './dispatcher.service.js';

/** How soon code is interrupted whose stop another process was asked for. */
const PERIOD_MS = 250;

/**
 * Requests to stop executions, whichever process has them: written into their rows, where the others look. A look
 * costs one statement by primary keys, and none is made where nothing runs or no other process shares the engine.
 */
@Injectable()
export class StopRequestsService implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(StopRequestsService.name);
  private timer: NodeJS.Timeout | undefined;
  private looking = false;

  constructor(
    @InjectRepository(Execution) private readonly executions: Repository<Execution>,
    private readonly dispatcher: DispatcherService,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  onModuleInit(): void {
    if (this.config.engine.jupyterUrl === null) return;
    this.timer = setInterval(() => void this.look(), PERIOD_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** False when it is final already. */
  async ofExecution({ id, status }: Execution): Promise<boolean> {
    if (isFinal(status)) return false;
    await this.executions.update({ id }, { cancelRequestedAt: () => 'now()' });
    this.dispatcher.cancel(id);
    return true;
  }

  /** What runs in the workspace, and with `queued` also what waits for it. */
  async inWorkspace(workspaceId: string, { queued }: { queued: boolean }): Promise<void> {
    await this.executions.query(
      `UPDATE executions SET cancel_requested_at = now()
        WHERE workspace_id = $1 AND (status = 'running' OR (status = 'queued' AND $2))`,
      [workspaceId, queued],
    );
    this.dispatcher.interruptIn(workspaceId, { queued });
  }

  private async look(): Promise<void> {
    const ids = this.dispatcher.ongoingIds();
    if (ids.length === 0 || this.looking) return;
    this.looking = true;
    try {
      const rows = await this.executions.query<{ id: string }[]>(
        'SELECT id FROM executions WHERE id = ANY($1::uuid[]) AND cancel_requested_at IS NOT NULL',
        [ids],
      );
      for (const { id } of rows) this.dispatcher.cancel(id);
    } catch (error) {
      this.logger.warn(`Could not look for requests to stop; trying again. ${String(error)}`);
    } finally {
      this.looking = false;
    }
  }
}
