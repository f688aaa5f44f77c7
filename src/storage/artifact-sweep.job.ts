import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { JobTurns } from '../instance/index.js';
import { ArtifactSweep } from './artifact-sweep.service.js';

const HOUR_MS = 3_600_000;
const SPARED = {
  /** Longer than anything stands between storing content and committing the row that points at it. */
  unusedForSeconds: 3600,
  /** Longer than an upload or a collection waits before it goes on with a file. */
  abandonedForSeconds: 6 * 3600,
};

/** Sweeps every hour, one sweep at a time; a shutdown interrupts it. */
@Injectable()
export class ArtifactSweepJob implements OnApplicationShutdown {
  private readonly logger = new Logger(ArtifactSweepJob.name);
  private readonly stop = new AbortController();
  private running: Promise<void> | null = null;

  constructor(
    private readonly sweep: ArtifactSweep,
    private readonly turns: JobTurns,
  ) {}

  @Interval('artifact-sweep', HOUR_MS)
  async run(): Promise<void> {
    this.running ??= this.sweepAndTell().finally(() => {
      this.running = null;
    });
    await this.running;
  }

  async onApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  private async sweepAndTell(): Promise<void> {
    try {
      if (!(await this.turns.take('artifact-sweep', HOUR_MS))) return;
      const report = await this.sweep.run({ ...SPARED, signal: this.stop.signal });
      if (report.artifacts + report.staged + report.failed > 0) {
        this.logger.log(
          `Removed ${String(report.artifacts)} unused artifacts (${String(report.bytes)} bytes) and ` +
            `${String(report.staged)} abandoned staged files; ${String(report.failed)} failed.`,
        );
      }
    } catch (error) {
      if (this.stop.signal.aborted) return;
      this.logger.error(`The sweep of the artifacts failed: ${String(error)}`);
    }
  }
}
