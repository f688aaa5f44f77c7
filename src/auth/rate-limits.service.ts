import { createHash } from 'node:crypto';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { LessThan, type DataSource } from 'typeorm';
import { DomainError } from '../errors/index.js';
import { RateLimit } from './rate-limit.entity.js';

const sweepIntervalMs = 300_000;

export interface RateLimitOptions {
  perMinute: number;
  /** Whether other processes share the database, so that the counts must lie there. */
  shared: boolean;
}

/** Counts what callers start, and refuses what is above `RATE_LIMIT_PER_MINUTE`. */
@Injectable()
export class RateLimits implements OnModuleDestroy {
  readonly #logger = new Logger(RateLimits.name);
  readonly #limiter: RateLimiterMemory | RateLimiterPostgres;
  readonly #sweep: NodeJS.Timeout | null;

  constructor(dataSource: DataSource, { perMinute, shared }: RateLimitOptions) {
    const options = { points: perMinute, duration: 60 };
    this.#limiter = shared
      ? new RateLimiterPostgres({
          ...options,
          keyPrefix: 'caller',
          storeClient: dataSource,
          storeType: 'typeorm',
          tableName: dataSource.getMetadata(RateLimit).tableName,
          tableCreated: true,
          // Its own sweep could not be stopped.
          clearExpiredByTimeout: false,
        })
      : new RateLimiterMemory(options);
    this.#sweep = shared ? setInterval(() => void this.#removeExpired(dataSource), sweepIntervalMs) : null;
    this.#sweep?.unref();
  }

  onModuleDestroy(): void {
    if (this.#sweep !== null) clearInterval(this.#sweep);
  }

  /** @throws DomainError `too_many` with the seconds to wait */
  async count(callerId: string): Promise<void> {
    try {
      // Ids can be longer than a key should be.
      await this.#limiter.consume(createHash('sha256').update(callerId).digest('base64url'));
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw new DomainError(
        'too_many',
        'rate_limited',
        `You may start ${this.#limiter.points} of these in a minute; wait before the next.`,
        { retryAfterSeconds: error.msBeforeNext / 1000 },
      );
    }
  }

  async #removeExpired(dataSource: DataSource): Promise<void> {
    try {
      await dataSource.getRepository(RateLimit).delete({ expire: LessThan(String(Date.now())) });
    } catch (error) {
      this.#logger.warn(`Expired rate limits were not removed: ${(error as Error).message}`);
    }
  }
}
