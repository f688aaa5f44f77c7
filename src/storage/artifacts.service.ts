import { Injectable } from '@nestjs/common';
import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { DataSource, type EntityManager } from 'typeorm';
import { ArtifactStore, type ByteRange, type ContentStream, type StagedFile } from './artifact-store.port.js';
import { forEachConcurrently } from './concurrency.js';
import { stageStream, type StageOptions } from './staging.js';
import { ContentMissingError } from './storage.errors.js';

/** Each waits for the disk most of the time; syncs that run together share one flush of the journal. */
const ADOPTED_AT_ONCE = 8;

/**
 * Stores content and keeps its row. A row is touched before the store decides whether the bytes must be
 * written, and the sweep removes bytes only while it holds the lock of an untouched row: so whoever stores
 * content that is being swept waits for the row, and then writes anew.
 */
@Injectable()
export class ArtifactsService {
  constructor(
    private readonly artifacts: ArtifactStore,
    private readonly dataSource: DataSource,
  ) {}

  /**
   * Receives a stream into the staging directory. What is not stored afterwards must be discarded.
   * Failures: `ContentTooLargeError`, `StorageFullError`, the stream's own errors.
   */
  stage(source: Readable, options: StageOptions): Promise<StagedFile> {
    return stageStream(this.artifacts.stagingDirectory, source, options);
  }

  /** Removes what was staged and is not wanted after all; what was stored meanwhile is not affected. */
  async discard(staged: readonly StagedFile[]): Promise<void> {
    await Promise.all(staged.map(({ path }) => rm(path, { force: true })));
  }

  /**
   * Makes the content of all staged files durable, and consumes them. The sweep leaves it alone for an hour:
   * until then a transaction must `touch` it and commit the file rows that point at it. Outside of
   * transactions, since it may take as long as the storage needs. On failure, staged files that were not
   * taken yet stay.
   */
  async store(staged: readonly StagedFile[]): Promise<void> {
    if (staged.length === 0) return;
    const sizes = new Map(staged.map(({ sha256, size }) => [sha256, size]));
    await this.dataSource.query(
      `INSERT INTO artifacts (sha256, size, state)
       SELECT decode(staged.sha256, 'hex'), staged.size, 'stored'
         FROM unnest($1::text[], $2::bigint[]) AS staged (sha256, size) ORDER BY staged.sha256
       ON CONFLICT (sha256) DO UPDATE SET state = 'stored', touched_at = now()`,
      [[...sizes.keys()], [...sizes.values()]],
    );
    await forEachConcurrently(staged, ADOPTED_AT_ONCE, (file) => this.artifacts.adopt(file));
  }

  /**
   * Protects stored content that file rows, committed in the same transaction, will point at: its rows are
   * locked, in order of their hash, until then. Call it once per transaction.
   * Fails with `ContentMissingError` when some of it is gone or being removed.
   */
  async touch(sha256s: readonly string[], transaction: EntityManager): Promise<void> {
    const wanted = new Set(sha256s);
    if (wanted.size === 0) return;
    const touched = await transaction.query<{ sha256: string }[]>(
      `WITH locked AS (
         SELECT sha256 FROM artifacts
          WHERE state = 'stored' AND sha256 IN (SELECT decode(hash, 'hex') FROM unnest($1::text[]) AS hash)
          ORDER BY sha256 FOR NO KEY UPDATE
       ), touched AS (
         UPDATE artifacts SET touched_at = now() FROM locked WHERE artifacts.sha256 = locked.sha256
         RETURNING artifacts.sha256
       )
       SELECT encode(sha256, 'hex') AS sha256 FROM touched`,
      [[...wanted]],
    );
    for (const { sha256 } of touched) wanted.delete(sha256);
    for (const missing of wanted) throw new ContentMissingError(missing);
  }

  /** See `ArtifactStore.read`. */
  open(sha256: string, range?: ByteRange): Promise<ContentStream> {
    return this.artifacts.read(sha256, range);
  }

  /** See `ArtifactStore.localFile`. */
  localFile(sha256: string): Promise<string> {
    return this.artifacts.localFile(sha256);
  }
}
