import { Check, Column, Entity, Generated, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from '../database/column-types.js';

export const EXECUTION_STATUSES = [
  'queued',
  'running',
  'ok',
  'error',
  'timeout',
  'interrupted',
  'died',
  'stopped',
] as const;
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];
export type KernelUse = 'new' | 'kept' | 'restarted';

/** Milliseconds each part of a run took. */
export interface ExecutionTimings {
  queue: number;
  prepare: number;
  kernel: number;
  run: number;
  collect: number;
}

/** One run of one piece of code in a workspace. */
@Entity('executions')
@Index('executions_seq', ['seq'], { unique: true })
@Index('executions_user_created', ['userId', 'createdAt', 'id'])
@Index('executions_user_message', ['userId', 'messageId', 'createdAt', 'id'])
@Index('executions_user_chat', ['userId', 'chatId', 'createdAt', 'id'])
@Index('executions_created', ['createdAt', 'id'])
@Index('executions_open', ['workspaceId', 'seq'], { where: `status IN ('queued', 'running')` })
@Index('executions_idempotency', ['userId', 'idempotencyKey'], { unique: true })
@Index('executions_finished', ['finishedAt'])
@Check(
  'executions_status',
  `status IN ('queued', 'running', 'ok', 'error', 'timeout', 'interrupted', 'died', 'stopped')`,
)
export class Execution {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'executions_pkey' })
  id: string;

  /** Order of arrival; runs of one workspace go in this order. */
  @Column('bigint', { transformer: bigintAsNumber })
  @Generated('increment')
  seq: number;

  @Column('text', { name: 'user_id' })
  userId: string;

  @Column('uuid', { name: 'workspace_id' })
  workspaceId: string;

  /** The workspace's id on the wire. */
  @Column('text', { name: 'workspace_ref' })
  workspaceRef: string;

  @Column('text', { name: 'message_id', nullable: true })
  messageId: string | null;

  @Column('text', { name: 'chat_id', nullable: true })
  chatId: string | null;

  @Column('text', { name: 'idempotency_key', nullable: true })
  idempotencyKey: string | null;

  /** SHA-256 of the request's body, to tell a repetition from another request under the same key. */
  @Column('bytea', { name: 'request_sha256' })
  requestSha256: Buffer;

  /** The request, compressed JSON; it can hold NUL and lone surrogates, which text and jsonb cannot. */
  @Column('bytea', { select: false })
  request: Buffer;

  @Column('text')
  status: ExecutionStatus;

  @Column('text', { name: 'reason_code', nullable: true })
  reasonCode: string | null;

  @Column('text', { name: 'reason_message', nullable: true })
  reasonMessage: string | null;

  @Column('text', { nullable: true })
  kernel: KernelUse | null;

  /** Output, errors, displays, deletions and warnings: compressed JSON (`execution-record.ts`). */
  @Column('bytea', { nullable: true })
  output: Buffer | null;

  /** The service instance that answers for this execution. */
  @Column('uuid', { name: 'owner_id' })
  ownerId: string;

  @Column('timestamptz', { name: 'cancel_requested_at', nullable: true })
  cancelRequestedAt: Date | null;

  @Column('jsonb', { name: 'timings_ms', nullable: true })
  timingsMs: ExecutionTimings | null;

  /** In milliseconds, as cursors carry it. */
  @Column('timestamp with time zone', { name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt: Date | null;
}
