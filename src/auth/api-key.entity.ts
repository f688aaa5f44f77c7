import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Role } from './caller.js';

/** `service`: a chat backend's key; it acts as `<namespace>:<id>` of the user it names. */
export type ApiKeyKind = 'user' | 'service';

@Entity('api_keys')
@Index('api_keys_hash', ['keyHash'], { unique: true })
@Index('api_keys_created', ['createdAt', 'id'])
@Check('api_keys_kind', `kind IN ('user', 'service')`)
export class ApiKey {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'api_keys_pkey' })
  id: string;

  @Column('text')
  name: string;

  @Column('text')
  kind: ApiKeyKind;

  /** Null for service keys. */
  @Column('text', { name: 'user_id', nullable: true })
  userId: string | null;

  @Column('text')
  role: Role;

  /** Null for user keys. */
  @Column('text', { nullable: true })
  namespace: string | null;

  /** SHA-256 of the key; the key itself is shown once and never stored. */
  @Column('bytea', { name: 'key_hash' })
  keyHash: Buffer;

  /** First characters of the key, to recognise it. */
  @Column('text')
  prefix: string;

  @Column('text', { name: 'created_by' })
  createdBy: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt: Date | null;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;
}
