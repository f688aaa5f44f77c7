import { Injectable, Logger } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { ScheduledJob } from './scheduled-job.entity.js';

/** Part of the time between two turns in which a second process that comes is taken for late. */
const LATE = 0.5;

/** Scheduled jobs run once, however many processes share the database: the first that comes takes the turn. */
@Injectable()
export class JobTurns {
  private readonly logger = new Logger(JobTurns.name);

  constructor(@InjectRepository(ScheduledJob) private readonly jobs: Repository<ScheduledJob>) {}

  /**
   * Whether this process shall run the job now. By the database's clock, so that those of the machines need not
   * agree; a process that dies with its turn leaves the job to the next one.
   */
  async take(name: string, periodMs: number): Promise<boolean> {
    try {
      const taken = await this.jobs.query<unknown[]>(
        `INSERT INTO scheduled_jobs (name, started_at) VALUES ($1, now())
         ON CONFLICT (name) DO UPDATE SET started_at = now()
          WHERE scheduled_jobs.started_at < now() - $2 * interval '1 millisecond'
         RETURNING 1`,
        [name, periodMs * LATE],
      );
      return taken.length > 0;
    } catch (error) {
      this.logger.error(`The job ${name} is left to its next turn. ${String(error)}`);
      return false;
    }
  }
}
