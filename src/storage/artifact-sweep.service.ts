import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ArtifactStore, type StoredArtifact } from './artifact-store.port.js';
import { removeStaleFiles } from './staging.js';

const BATCH = 500;
/** Their locks are held together; the embedded database serves nobody else meanwhile. */
const REMOVED_AT_ONCE = 20;
/** A storage that is away fails for each one, slowly: the next sweep takes up the rest. */
const MAX_FAILURES = 10;

export interface SweepOptions {
  /** Content that was touched within so many seconds stays. */
  unusedForSeconds: number;
  /** Staged files that changed within so many seconds stay: an upload may still write to them. */
  abandonedForSeconds: number;
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

interface MarkedArtifact {
  sha256: string;
  size: number;
}

interface RemovedBatch {
  removed: MarkedArtifact[];
  /** Where the next batch goes on; null when nothing was marked. */
  last: string | null;
  failure: string | null;
}

/**
 * Removes stored content that no file row points at. First such rows are marked `deleting`; then, a few at
 * a time and holding the rows' locks, the mark and the absence of file rows are checked again by statements that
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
    report.staged = await removeStaleFiles(
      this.artifacts.stagingDirectory,
      secondsAgo(options.abandonedForSeconds),
    );
    await this.markUnused(options);
    report.strays = await this.claimStrays(secondsAgo(options.unusedForSeconds), options.signal);
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
    let last: string | null = '';
    while (last !== null && report.failed < MAX_FAILURES) {
      signal?.throwIfAborted();
      const batch = await this.removeBatch(last);
      report.artifacts += batch.removed.length;
      report.bytes += batch.removed.reduce((sum, { size }) => sum + size, 0);
      if (batch.failure !== null) {
        report.failed += 1;
        this.logger.warn(batch.failure);
      }
      last = batch.last;
    }
  }

  /** Those behind `after`, up to the first that fails: a storage that is away must not hold the locks for long. */
  private async removeBatch(after: string): Promise<RemovedBatch> {
    return await this.dataSource.transaction('READ COMMITTED', async (transaction) => {
      const marked = await lockMarked(transaction, after);
      const unused = await keepUsed(transaction, marked);
      const batch: RemovedBatch = { removed: [], last: marked.at(-1)?.sha256 ?? null, failure: null };
      for (const artifact of unused) {
        batch.failure = await this.remove(artifact.sha256);
        if (batch.failure !== null) {
          batch.last = artifact.sha256;
          break;
        }
        batch.removed.push(artifact);
      }
      await transaction.query(`DELETE FROM artifacts WHERE sha256 IN (${HASHES})`, [hashesOf(batch.removed)]);
      return batch;
    });
  }

  /** Null, or why it failed. */
  private async remove(sha256: string): Promise<string | null> {
    try {
      await this.artifacts.remove(sha256);
      return null;
    } catch (error) {
      return `Artifact ${sha256} could not be removed: ${String(error)}`;
    }
  }
}

/** Hexadecimal hashes, as the first parameter of a statement, in the form of the column. */
const HASHES = `SELECT decode(hash, 'hex') FROM unnest($1::text[]) AS hash`;

const hashesOf = (artifacts: readonly MarkedArtifact[]): string[] => artifacts.map(({ sha256 }) => sha256);

async function lockMarked(transaction: EntityManager, after: string): Promise<MarkedArtifact[]> {
  const rows = await transaction.query<{ sha256: string; size: string }[]>(
    `SELECT encode(sha256, 'hex') AS sha256, size FROM artifacts
      WHERE state = 'deleting' AND sha256 > decode($1, 'hex')
      ORDER BY artifacts.sha256 LIMIT $2 FOR UPDATE SKIP LOCKED`,
    [after, REMOVED_AT_ONCE],
  );
  return rows.map(({ sha256, size }) => ({ sha256, size: Number(size) }));
}

/**
 * Takes the mark from locked artifacts that are used after all, and returns the others. A statement of its
 * own: its snapshot is younger than the locks, so it sees every file row committed before.
 */
async function keepUsed(
  transaction: EntityManager,
  marked: readonly MarkedArtifact[],
): Promise<MarkedArtifact[]> {
  const rows = await transaction.query<{ sha256: string }[]>(
    `WITH kept AS (
       UPDATE artifacts SET state = 'stored'
        WHERE sha256 IN (${HASHES}) AND EXISTS (SELECT FROM files WHERE files.sha256 = artifacts.sha256)
        RETURNING sha256
     )
     SELECT encode(sha256, 'hex') AS sha256 FROM kept`,
    [hashesOf(marked)],
  );
  const kept = new Set(rows.map(({ sha256 }) => sha256));
  return marked.filter(({ sha256 }) => !kept.has(sha256));
}

function secondsAgo(seconds: number): Date {
  return new Date(Date.now() - seconds * 1000);
}
