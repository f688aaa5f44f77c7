import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Any, LessThan, Not, type Repository } from 'typeorm';
import { AppConfig } from '../config/index.js';
import { ClosingService } from './closing.service.js';
import { LeasesService } from './leases.service.js';
import { Workspace } from './workspace.entity.js';

/** Workspaces looked at in one statement. */
const BATCH = 200;
const DAY_MS = 86_400_000;

export interface CleanupReport {
  workspaces: Workspace[];
  bytes: number;
}

/**
 * Clean-up: workspaces unused for longer than the retention are closed, on schedule or when an admin asks.
 * A leased one is in use and left alone. Stored files are not touched; the next run of the message restores.
 */
@Injectable()
export class RetentionService implements OnApplicationShutdown {
  private readonly logger = new Logger(RetentionService.name);
  private stopping = false;

  constructor(
    @InjectRepository(Workspace) private readonly rows: Repository<Workspace>,
    private readonly closing: ClosingService,
    private readonly leases: LeasesService,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  onApplicationShutdown(): void {
    this.stopping = true;
  }

  /** When a workspace would be closed if nobody used it any more. */
  expiryOf(workspace: Workspace): Date {
    return new Date(workspace.lastUsedAt.getTime() + this.config.workspaces.retentionDays * DAY_MS);
  }

  /** What a clean-up now would close; nothing is changed. */
  async preview(): Promise<CleanupReport> {
    return report(await this.rows.findBy(this.due()));
  }

  /** Closes what is due and tells what was closed. One that fails is logged and tried again next time. */
  async run(): Promise<CleanupReport> {
    const closed: Workspace[] = [];
    const left: string[] = [];
    while (!this.isStopping()) {
      const due = await this.rows.find({
        where: { ...this.due(), id: Not(Any(left)) },
        order: { lastUsedAt: 'ASC' },
        take: BATCH,
      });
      if (due.length === 0) break;
      for (const workspace of due) {
        if (this.isStopping()) break;
        if (await this.expire(workspace)) closed.push(workspace);
        else left.push(workspace.id);
      }
    }
    return report(closed);
  }

  private async expire({ id }: Workspace): Promise<boolean> {
    try {
      const leased = await this.leases.tryAcquire(id, randomUUID());
      if (!leased) return false;
      const { workspace, lease } = leased;
      if (workspace.state !== 'active' || this.expiryOf(workspace) > new Date()) {
        await this.leases.release(lease);
        return false;
      }
      await this.closing.expire(leased);
      return true;
    } catch (error) {
      this.logger.error(`Could not close workspace ${id}; it will be tried again. ${String(error)}`);
      return false;
    }
  }

  /** Asked anew each time: it changes while a workspace is closed. */
  private isStopping(): boolean {
    return this.stopping;
  }

  private due(): { state: 'active'; lastUsedAt: ReturnType<typeof LessThan<Date>> } {
    const before = new Date(Date.now() - this.config.workspaces.retentionDays * DAY_MS);
    return { state: 'active', lastUsedAt: LessThan(before) };
  }
}

function report(workspaces: Workspace[]): CleanupReport {
  return { workspaces, bytes: workspaces.reduce((sum, workspace) => sum + workspace.bytes, 0) };
}
