import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from '../database/column-types.js';

export type FileSource = 'code_execution' | 'attached';
export type FileChange = 'created' | 'modified';

/** What the plan calls metadata; all of it can be derived but is kept beside the row for its readers. */
export interface FileMeta {
  source: FileSource;
  chat_id: string | null;
  message_id: string | null;
  generated_at: string | null;
  format: string;
  original_workspace_path: string | null;
  workspace_id: string | null;
}

/** One version of one path of a message: an attached file or one that code generated. */
@Entity('files')
@Index('files_user_created', ['userId', 'createdAt', 'id'])
@Index('files_user_message', ['userId', 'messageId', 'createdAt', 'id'])
@Index('files_user_chat', ['userId', 'chatId', 'createdAt', 'id'])
@Index('files_workspace_path', ['workspaceId', 'pathSha256'])
@Index('files_user_message_path', ['userId', 'messageId', 'pathSha256', 'version'])
@Index('files_execution_path', ['executionId', 'pathSha256'], { unique: true })
@Index('files_sha256', ['sha256'])
@Index('files_attached_path', ['userId', 'messageId', 'pathSha256'], {
  unique: true,
  where: `source = 'attached'`,
})
@Index('files_attached_content', ['userId', 'messageId', 'askedPathSha256', 'sha256'], {
  unique: true,
  where: `source = 'attached'`,
})
@Check('files_source', `source IN ('code_execution', 'attached')`)
@Check('files_change', `change IN ('created', 'modified')`)
export class StoredFile {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'files_pkey' })
  id: string;

  @Column('text', { name: 'user_id' })
  userId: string;

  @Column('text', { name: 'message_id', nullable: true })
  messageId: string | null;

  @Column('text', { name: 'chat_id', nullable: true })
  chatId: string | null;

  @Column('uuid', { name: 'workspace_id', nullable: true })
  workspaceId: string | null;

  @Column('uuid', { name: 'execution_id', nullable: true })
  executionId: string | null;

  @Column('text')
  source: FileSource;

  /** Null for attached files. */
  @Column('text', { nullable: true })
  change: FileChange | null;

  /** An image from a display: no path, left out of lists unless asked for. */
  @Column('boolean', { default: false })
  display: boolean;

  /** Raw bytes below `/mnt/data`; null for display images. */
  @Column('bytea', { nullable: true })
  path: Buffer | null;

  @Column('bytea', { name: 'path_sha256', nullable: true })
  pathSha256: Buffer | null;

  /** Attached files: SHA-256 of the path asked for, which `path` may differ from when the name was taken. */
  @Column('bytea', { name: 'asked_path_sha256', nullable: true })
  askedPathSha256: Buffer | null;

  /** Last part of the path, printable. */
  @Column('text')
  name: string;

  @Column('int', { default: 1 })
  version: number;

  /** The highest version of its path in its message. */
  @Column('boolean', { default: true })
  latest: boolean;

  @Column('bigint', { transformer: bigintAsNumber })
  size: number;

  @Column('text')
  format: string;

  @Column('text', { name: 'mime_type' })
  mimeType: string;

  @Column('bytea')
  sha256: Buffer;

  /** Part of every signed link; raising it takes all links back. */
  @Column('int', { name: 'link_generation', default: 0 })
  linkGeneration: number;

  @Column('jsonb')
  meta: FileMeta;

  /** In milliseconds, as cursors carry it. */
  @Column('timestamp with time zone', { name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt: Date;
}
