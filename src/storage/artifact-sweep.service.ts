import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ArtifactStore, type StoredArtifact } from './artifact-store.port.js';
import { removeStaleFiles } from './staging.js';

const BATCH = 500;
/** A storage that is away fails for each one, slowly: the next sweep takes up the rest. */
const MAX_FAILURES = 10;

export interface SweepOptions {
  /** Seconds for which content and staged files must have been left alone. */
  unusedForSeconds: number;
  signal?: AbortSignal;
}

export interface SweepReport {
  /** Artifacts removed, and their bytes. */
  artifacts: number;
  bytes: number;
  /** Of them: content that had no row. */
  strays: number;
  /** Files left in the staging directory by processes that died. */
  staged: number;
  /** Artifacts that could not be removed now; they stay marked and are tried again. */
  failed: number;
}

/**
 * Removes stored content that no file row points at. First such rows are marked `deleting`; then, one by
 * one and holding the row's lock, the mark and the absence of file rows are checked again by statements that
 * see everything committed by then, the bytes are removed, and the row with them. Several processes may
 * sweep at once; one that dies in between leaves rows marked, and the next sweep goes on with them.
 */
@Injectable()
export class ArtifactSweep {
  private readonly logger = new Logger(ArtifactSweep.name);

  constructor(
    private readonly artifacts: ArtifactStore,
    private readonly dataSource: DataSource,
  ) {}

  async run(options: SweepOptions): Promise<SweepReport> {
    const report: SweepReport = { artifacts: 0, bytes: 0, strays: 0, staged: 0, failed: 0 };
    const before = new Date(Date.now() - options.unusedForSeconds * 1000);
    report.staged = await removeStaleFiles(this.artifacts.stagingDirectory, before);
    await this.markUnused(options);
    report.strays = await this.claimStrays(before, options.signal);
    await this.removeMarked(report, options.signal);
    return report;
  }

  /** Rows locked by somebody are in use: they are left for the next sweep. */
  private async markUnused({ unusedForSeconds, signal }: SweepOptions): Promise<void> {
    for (let marked = BATCH; marked === BATCH;) {
      signal?.throwIfAborted();
      const [row] = await this.dataSource.query<[{ count: number }]>(
        `WITH unused AS (
           SELECT sha256 FROM artifacts
            WHERE state = 'stored' AND touched_at < now() - make_interval(secs => $1)
              AND NOT EXISTS (SELECT FROM files WHERE files.sha256 = artifacts.sha256)
            ORDER BY sha256 LIMIT $2 FOR UPDATE SKIP LOCKED
         ), marked AS (
           UPDATE artifacts SET state = 'deleting' FROM unused WHERE artifacts.sha256 = unused.sha256
           RETURNING 1
         )
         SELECT count(*)::int AS count FROM marked`,
        [unusedForSeconds, BATCH],
      );
      marked = row.count;
    }
  }

  /**
   * Content without a row: the transaction that stored it was rolled back. It gets a row that is marked from
   * the beginning, unless somebody who stores the same content at this moment comes first.
   */
  private async claimStrays(before: Date, signal?: AbortSignal): Promise<number> {
    let claimed = 0;
    let batch: StoredArtifact[] = [];
    for await (const artifact of this.artifacts.list()) {
      signal?.throwIfAborted();
      if (artifact.modifiedAt < before) batch.push(artifact);
      if (batch.length < BATCH) continue;
      claimed += await this.claim(batch);
      batch = [];
    }
    return claimed + (await this.claim(batch));
  }

  private async claim(batch: readonly StoredArtifact[]): Promise<number> {
    if (batch.length === 0) return 0;
    const claimed = await this.dataSource.query<unknown[]>(
      `INSERT INTO artifacts (sha256, size, state)
       SELECT decode(found.sha256, 'hex'), found.size, 'deleting'
         FROM unnest($1::text[], $2::bigint[]) AS found (sha256, size) ORDER BY found.sha256
       ON CONFLICT (sha256) DO NOTHING RETURNING 1`,
      [batch.map(({ sha256 }) => sha256), batch.map(({ size }) => size)],
    );
    return claimed.length;
  }

  private async removeMarked(report: SweepReport, signal?: AbortSignal): Promise<void> {
    let last = '';
    for (;;) {
      const marked = await this.dataSource.query<{ sha256: string; size: string }[]>(
        `SELECT encode(sha256, 'hex') AS sha256, size FROM artifacts
          WHERE state = 'deleting' AND sha256 > decode($1, 'hex') ORDER BY artifacts.sha256 LIMIT $2`,
        [last, BATCH],
      );
      for (const { sha256, size } of marked) {
        signal?.throwIfAborted();
        if (report.failed >= MAX_FAILURES) return;
        await this.tryToRemove(sha256, Number(size), report);
        last = sha256;
      }
      if (marked.length < BATCH) return;
    }
  }

  private async tryToRemove(sha256: string, size: number, report: SweepReport): Promise<void> {
    try {
      if (!(await this.remove(sha256))) return;
      report.artifacts += 1;
      report.bytes += size;
    } catch (error) {
      report.failed += 1;
      this.logger.warn(`Artifact ${sha256} could not be removed: ${String(error)}`);
    }
  }

  private async remove(sha256: string): Promise<boolean> {
    return await this.dataSource.transaction('READ COMMITTED', async (transaction) => {
      const locked = await transaction.query<unknown[]>(
        `SELECT 1 FROM artifacts WHERE sha256 = decode($1, 'hex') AND state = 'deleting' FOR UPDATE`,
        [sha256],
      );
      if (locked.length === 0) return false;
      // A statement of its own: its snapshot is younger than the lock, so it sees every row committed before.
      const [row] = await transaction.query<[{ used: boolean }]>(
        `SELECT EXISTS (SELECT FROM files WHERE sha256 = decode($1, 'hex')) AS used`,
        [sha256],
      );
      if (row.used) {
        await transaction.query(`UPDATE artifacts SET state = 'stored' WHERE sha256 = decode($1, 'hex')`, [
          sha256,
        ]);
        return false;
      }
      await this.artifacts.remove(sha256);
      await transaction.query(`DELETE FROM artifacts WHERE sha256 = decode($1, 'hex')`, [sha256]);
      return true;
    });
  }
}
