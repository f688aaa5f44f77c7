import { timingSafeEqual } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Repository } from 'typeorm';
import { newId } from '../database/index.js';
import { NotFoundError } from '../errors/index.js';
import { type Cursor } from '../http/index.js';
import { ApiKey } from './api-key.entity.js';
import { hashOfApiKey, isApiKeyText, newApiKeyText, prefixOfApiKey } from './api-key-text.js';
import { LookupCache } from './lookup-cache.js';

/** How late another process may notice a revocation; this one notices at once. */
const lookupTtlMs = 10_000;
const useInterval = 60_000;

export type NewApiKey = Pick<ApiKey, 'name' | 'kind' | 'userId' | 'role' | 'namespace' | 'expiresAt'>;

/** Owns the table of API keys: making, finding, revoking. */
@Injectable()
export class ApiKeysService {
  readonly #logger = new Logger(ApiKeysService.name);
  readonly #lookups = new LookupCache<ApiKey>({ ttlMs: lookupTtlMs, capacity: 10_000 });

  constructor(@InjectRepository(ApiKey) private readonly keys: Repository<ApiKey>) {}

  /** The key's text is told here and never again. */
  async create(wanted: NewApiKey, createdBy: string): Promise<{ row: ApiKey; key: string }> {
    const key = newApiKeyText();
    const row = this.keys.create({
      ...wanted,
      id: newId(),
      keyHash: hashOfApiKey(key),
      prefix: prefixOfApiKey(key),
      createdBy,
      createdAt: new Date(),
      lastUsedAt: null,
      revokedAt: null,
    });
    await this.keys.insert(row);
    return { row, key };
  }

  /** Newest first, revoked ones too; at most `limit`. */
  async list(after: Cursor | null, limit: number): Promise<ApiKey[]> {
    const query = this.keys.createQueryBuilder('key');
    if (after !== null)
      query.where('(key.createdAt, key.id) < (:at::timestamptz, :id::uuid)', { at: after.at, id: after.id });
    return await query.orderBy('key.createdAt', 'DESC').addOrderBy('key.id', 'DESC').limit(limit).getMany();
  }

  /** From now on the key, and every token made with it, is refused. Revoking again changes nothing. */
  async revoke(id: string): Promise<void> {
    const revoked = await this.keys.update({ id, revokedAt: IsNull() }, { revokedAt: new Date() });
    this.#lookups.clear();
    if (revoked.affected !== 1 && !(await this.keys.existsBy({ id }))) throw new NotFoundError('api_key', id);
  }

  /** The row of a key that counts now, else null. */
  async find(key: string): Promise<ApiKey | null> {
    if (!isApiKeyText(key)) return null;
    const keyHash = hashOfApiKey(key);
    const row = await this.#lookups.get(keyHash.toString('base64'), () => this.keys.findOneBy({ keyHash }));
    return row !== null && timingSafeEqual(row.keyHash, keyHash) && counts(row) ? row : null;
  }

  /** Whether the key with this id counts now. */
  async isValid(id: string): Promise<boolean> {
    const row = await this.#lookups.get(id, () => this.keys.findOneBy({ id }));
    return row !== null && counts(row);
  }

  /** Notes that a key was used, at most once a minute; a database that cannot write must not lock anybody out. */
  async noteUse(row: ApiKey): Promise<void> {
    const now = new Date();
    if (row.lastUsedAt !== null && now.getTime() - row.lastUsedAt.getTime() < useInterval) return;
    row.lastUsedAt = now;
    try {
      await this.keys.update({ id: row.id }, { lastUsedAt: now });
    } catch (error) {
      this.#logger.warn(`The last use of API key ${row.prefix}… was not stored: ${(error as Error).message}`);
    }
  }
}

function counts({ revokedAt, expiresAt }: ApiKey): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt.getTime() > Date.now());
}
