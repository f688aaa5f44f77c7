import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AppConfig } from '../config/index.js';
import { DomainError } from '../errors/index.js';
import { QuotaRoom } from './quota-room.js';

export const QUOTA_EXCEEDED = 'quota_exceeded';

/**
 * How much each user may store: every version of every file counts, with its size, whether or not its bytes are
 * shared. What is used is counted over an index of the user's rows, and only where a quota is set.
 */
@Injectable()
export class QuotasService {
  private readonly maxFiles: number;
  private readonly maxBytes: number;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(AppConfig) { files }: AppConfig,
  ) {
    this.maxFiles = files.userMaxFiles ?? Infinity;
    this.maxBytes = files.userMaxBytes ?? Infinity;
  }

  /** What the user may still store, as of now. */
  async room(userId: string): Promise<QuotaRoom> {
    return await this.count(this.dataSource.manager, userId);
  }

  /**
   * The same, until the end of the transaction: others that store for this user wait for it. (The embedded database
   * has one transaction at a time anyway.) Lock artifacts before, never after.
   */
  async lockedRoom(transaction: EntityManager, userId: string): Promise<QuotaRoom> {
    if (this.isSet) {
      await transaction.query(`SELECT pg_advisory_xact_lock(hashtextextended('quota ' || $1, 0))`, [userId]);
    }
    return await this.count(transaction, userId);
  }

  exceeded(): DomainError {
    const limits = [
      ...(Number.isFinite(this.maxBytes) ? [`${String(this.maxBytes)} bytes`] : []),
      ...(Number.isFinite(this.maxFiles) ? [`${String(this.maxFiles)} files`] : []),
    ];
    return new DomainError(
      'too_large',
      QUOTA_EXCEEDED,
      `You may store ${limits.join(' and ')}, all versions counted, and this would be more. Delete files you no ` +
        'longer need, or ask an administrator.',
      {
        details: {
          max_bytes: Number.isFinite(this.maxBytes) ? this.maxBytes : null,
          max_files: Number.isFinite(this.maxFiles) ? this.maxFiles : null,
        },
      },
    );
  }

  private get isSet(): boolean {
    return Number.isFinite(this.maxFiles) || Number.isFinite(this.maxBytes);
  }

  private async count(manager: EntityManager, userId: string): Promise<QuotaRoom> {
    if (!this.isSet) return new QuotaRoom(Infinity, Infinity);
    const [used] = await manager.query<[{ files: string; bytes: string }]>(
      `SELECT count(*) AS files, coalesce(sum(size), 0) AS bytes FROM files WHERE user_id = $1`,
      [userId],
    );
    return new QuotaRoom(this.maxFiles - Number(used.files), this.maxBytes - Number(used.bytes));
  }
}
