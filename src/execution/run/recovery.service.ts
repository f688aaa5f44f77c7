import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { AppConfig, timerMs } from '../../config/index.js';
import { InstanceService } from '../../instance/index.js';
import { LeasesService } from '../../workspaces/index.js';
import { DispatcherService } from './dispatcher.service.js';
import { decodeRequest } from './execution-request.js';
import { QueueService } from './queue.service.js';

/**
 * Nothing is lost when an instance vanishes: what it ran is ended, collected and told as `died`; what it had
 * queued is run here.
 */
@Injectable()
export class RecoveryService implements OnApplicationShutdown {
  private readonly logger = new Logger(RecoveryService.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly queue: QueueService,
    private readonly leases: LeasesService,
    private readonly dispatcher: DispatcherService,
    private readonly instance: InstanceService,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  /** Recovers what dead instances left, now and from now on regularly. */
  async start(): Promise<void> {
    await this.leases.expireOrphaned();
    await this.sweep();
    this.timer = setInterval(() => void this.sweep(), timerMs(this.config.workspaces.leaseSeconds));
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async sweep(): Promise<void> {
    try {
      await this.recoverRunning();
      await this.instance.forgetDead();
      for (const execution of await this.queue.adopt()) {
        this.dispatcher.adopt(execution, decodeRequest(execution.request));
      }
    } catch (error) {
      this.logger.error(`Recovery failed and will be tried again. ${String(error)}`);
    }
  }

  /** Acquiring a lease whose holder vanished recovers its workspace. One that fails does not hold up the others. */
  private async recoverRunning(): Promise<void> {
    for (const workspaceId of await this.queue.strandedWorkspaces()) {
      try {
        const leased = await this.leases.tryAcquire(workspaceId, randomUUID());
        if (leased) await this.leases.release(leased.lease);
      } catch (error) {
        this.logger.error(`Could not recover workspace ${workspaceId}; trying again. ${String(error)}`);
      }
    }
  }
}
