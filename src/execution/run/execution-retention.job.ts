import { Injectable, Logger } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { JobTurns } from '../../instance/index.js';
import { ExecutionsService } from '../executions.service.js';

const HOUR_MS = 3_600_000;

/** Forgets executions past their retention, every hour. */
@Injectable()
export class ExecutionRetentionJob {
  private readonly logger = new Logger(ExecutionRetentionJob.name);

  constructor(
    private readonly executions: ExecutionsService,
    private readonly turns: JobTurns,
  ) {}

  @Cron(CronExpression.EVERY_HOUR)
  async run(): Promise<void> {
    try {
      if (!(await this.turns.take('execution-retention', HOUR_MS))) return;
      const removed = await this.executions.removeExpired();
      if (removed > 0) this.logger.log(`Removed ${String(removed)} executions past their retention.`);
    } catch (error) {
      this.logger.error(`Could not remove old executions; trying again in an hour. ${String(error)}`);
    }
  }
}
