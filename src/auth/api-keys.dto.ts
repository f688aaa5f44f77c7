import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsString, Length, Matches, Max, Min } from 'class-validator';
import { externalIdSchema, Optional } from '../http/index.js';
import type { ApiKey, ApiKeyKind } from './api-key.entity.js';
import type { Role } from './caller.js';
import { IsUserId } from './is-user-name.decorator.js';

const kinds = ['user', 'service'] as const;
const roles = ['user', 'admin'] as const;
const centuryInSeconds = 3_155_760_000;

export class CreateApiKeyBody {
  @ApiProperty({
    description: 'To tell keys apart.',
    minLength: 1,
    maxLength: 255,
    pattern: externalIdSchema.pattern,
    example: 'nightly report',
  })
  @IsString()
  @Length(1, 255)
  @Matches(/^[^\p{Cc}\p{Cs}]*$/u, { message: 'name must not hold control characters' })
  name: string;

  @ApiProperty({ description: '`user` acts as one user, `service` as the users it names.', enum: kinds })
  @IsIn(kinds)
  kind: ApiKeyKind;

  @ApiPropertyOptional({
    description:
      'Whom a user key acts as: an id as `GET /me` shows it, not one of a service (`namespace:id`).',
    minLength: 1,
    maxLength: 1024,
    type: String,
    example: 'alice',
  })
  @Optional()
  @IsUserId()
  user_id?: string;

  @ApiPropertyOptional({ description: 'Role of a user key.', enum: roles, default: 'user' })
  @Optional()
  @IsIn(roles)
  role?: Role;

  @ApiPropertyOptional({
    description: 'Of a service key: its users are `namespace:id`. Keys may share one, to take turns.',
    pattern: '^[a-z0-9][a-z0-9_-]{0,62}$',
    type: String,
    example: 'openwebui',
  })
  @Optional()
  @Matches(/^[a-z0-9][a-z0-9_-]{0,62}$/, {
    message: 'namespace must be 1 to 63 of a-z, 0-9, _ and -, and begin with a letter or digit',
  })
  namespace?: string;

  @ApiPropertyOptional({
    description: 'Seconds until the key ends; without it, never.',
    type: 'integer',
    minimum: 1,
    maximum: centuryInSeconds,
  })
  @Optional()
  @IsInt()
  @Min(1)
  @Max(centuryInSeconds)
  expires_in?: number;
}

export class ApiKeyView {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;

  @ApiProperty({ type: String })
  name: string;

  @ApiProperty({ enum: kinds })
  kind: ApiKeyKind;

  @ApiProperty({ description: 'Null for service keys.', type: String, nullable: true })
  user_id: string | null;

  @ApiProperty({ enum: roles })
  role: Role;

  @ApiProperty({ description: 'Null for user keys.', type: String, nullable: true })
  namespace: string | null;

  @ApiProperty({ description: 'First characters of the key.', type: String, example: 'mnt_Zk3vQ8aB' })
  prefix: string;

  @ApiProperty({ description: 'The admin who made it.', type: String })
  created_by: string;

  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;

  @ApiProperty({ description: 'To the minute.', type: String, format: 'date-time', nullable: true })
  last_used_at: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  expires_at: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  revoked_at: string | null;
}

export class CreatedApiKey extends ApiKeyView {
  @ApiProperty({
    description: 'The key; it is told only here. Send it as `Authorization: Bearer`.',
    type: String,
  })
  key: string;
}

export function apiKeyView(row: ApiKey): ApiKeyView {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    user_id: row.userId,
    role: row.role,
    namespace: row.namespace,
    prefix: row.prefix,
    created_by: row.createdBy,
    created_at: row.createdAt.toISOString(),
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    expires_at: row.expiresAt?.toISOString() ?? null,
    revoked_at: row.revokedAt?.toISOString() ?? null,
  };
}
