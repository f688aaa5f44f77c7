import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CronJob } from 'cron';
import { AppConfig } from '../config/index.js';
import { JobTurns } from '../instance/index.js';
import { RetentionService } from './retention.service.js';

/** Cleans up by CLEANUP_CRON, in one of the processes. */
@Injectable()
export class RetentionJob implements OnModuleInit {
  private readonly logger = new Logger(RetentionJob.name);

  constructor(
    private readonly retention: RetentionService,
    private readonly turns: JobTurns,
    private readonly scheduler: SchedulerRegistry,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  onModuleInit(): void {
    const job: CronJob = CronJob.from({
      cronTime: this.config.workspaces.cleanupCron,
      onTick: () => this.run(job.nextDate().toMillis() - Date.now()),
      waitForCompletion: true,
    });
    this.scheduler.addCronJob('workspace-clean-up', job);
    job.start();
  }

  private async run(untilNextMs: number): Promise<void> {
    if (!(await this.turns.take('workspace-clean-up', untilNextMs))) return;
    try {
      const { workspaces, bytes } = await this.retention.run();
      if (workspaces.length > 0) {
        this.logger.log(`Clean-up closed ${String(workspaces.length)} workspaces of ${String(bytes)} bytes.`);
      }
    } catch (error) {
      this.logger.error(`Clean-up failed and will be tried again on schedule. ${String(error)}`);
    }
  }
}
