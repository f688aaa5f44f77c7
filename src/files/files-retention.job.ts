import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { AppConfig } from '../config/index.js';
import { JobTurns } from '../instance/index.js';
import type { FileSource } from './file.entity.js';
import { FilesService } from './files.service.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Deletes files past their retention, every hour, where one is set. Their bytes go with the next sweep. */
@Injectable()
export class FilesRetentionJob implements OnApplicationShutdown {
  private readonly logger = new Logger(FilesRetentionJob.name);
  private readonly stopping = new AbortController();

  constructor(
    private readonly files: FilesService,
    private readonly turns: JobTurns,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  @Cron(CronExpression.EVERY_HOUR, { waitForCompletion: true })
  async scheduled(): Promise<void> {
    if (await this.turns.take('files-retention', HOUR_MS)) await this.run();
  }

  async run(): Promise<void> {
    const { generatedRetentionDays, attachedRetentionDays } = this.config.files;
    await this.remove('code_execution', generatedRetentionDays);
    await this.remove('attached', attachedRetentionDays);
  }

  onApplicationShutdown(): void {
    this.stopping.abort();
  }

  private async remove(source: FileSource, days: number | null): Promise<void> {
    if (days === null) return;
    const before = new Date(Date.now() - days * DAY_MS);
    try {
      const removed = await this.files.removeOlder(source, before, this.stopping.signal);
      if (removed > 0)
        this.logger.log(`Removed ${String(removed)} files (${source}) past ${String(days)} days.`);
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      this.logger.error(`Could not remove old files; trying again in an hour. ${String(error)}`);
    }
  }
}
