import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from '../database/column-types.js';

/** What the id on the wire names; `own` is a workspace without message and chat, known by its UUID. */
export type WorkspaceKind = 'message' | 'chat' | 'own';
/** `expired`: directory removed by clean-up, manifest kept, the next run restores. `deleted`: both removed. */
export type WorkspaceState = 'active' | 'expired' | 'deleted';

/** The workspace of one message (or chat) of one user. */
@Entity('workspaces')
@Index('workspaces_user_kind_external', ['userId', 'kind', 'externalId'], { unique: true })
@Index('workspaces_user_last_used', ['userId', 'lastUsedAt', 'id'])
@Index('workspaces_user_chat', ['userId', 'chatId'])
@Index('workspaces_state_last_used', ['state', 'lastUsedAt'])
@Index('workspaces_kernel_last_used', ['lastUsedAt'], { where: 'kernel_id IS NOT NULL' })
@Index('workspaces_directory', ['directory'], { unique: true })
@Index('workspaces_os_uid', ['osUid'], { unique: true })
@Check('workspaces_kind', `kind IN ('message', 'chat', 'own')`)
@Check('workspaces_state', `state IN ('active', 'expired', 'deleted')`)
export class Workspace {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'workspaces_pkey' })
  id: string;

  @Column('text', { name: 'user_id' })
  userId: string;

  @Column('text')
  kind: WorkspaceKind;

  @Column('text', { name: 'external_id' })
  externalId: string;

  @Column('text', { name: 'chat_id', nullable: true })
  chatId: string | null;

  @Column('text')
  state: WorkspaceState;

  /** Opaque name below the workspaces directory; null while there is none. */
  @Column('text', { nullable: true })
  directory: string | null;

  /** The operating system's user that owns the directory; null when the service does not run as root. */
  @Column('int', { name: 'os_uid', nullable: true })
  osUid: number | null;

  /** Grows with every committed change of the manifest. */
  @Column('bigint', { default: 0, transformer: bigintAsNumber })
  generation: number;

  @Column('bigint', { default: 0, transformer: bigintAsNumber })
  bytes: number;

  @Column('int', { name: 'file_count', default: 0 })
  fileCount: number;

  @Column('text', { name: 'kernel_id', nullable: true })
  kernelId: string | null;

  /** Code ran in a kernel of this workspace: when that kernel is gone, its state is lost. */
  @Column('boolean', { name: 'had_kernel', default: false })
  hadKernel: boolean;

  /** The operation (a run's execution id, a clean-up's own id) that holds the lease; null when free. */
  @Column('uuid', { name: 'lease_holder', nullable: true })
  leaseHolder: string | null;

  /** The service instance that renews the lease. */
  @Column('uuid', { name: 'lease_owner', nullable: true })
  leaseOwner: string | null;

  /** Grows with every acquisition; writes of a holder name it, so that a late holder changes nothing. */
  @Column('bigint', { name: 'lease_epoch', default: 0, transformer: bigintAsNumber })
  leaseEpoch: number;

  @Column('timestamptz', { name: 'lease_expires_at', nullable: true })
  leaseExpiresAt: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  /** In milliseconds, as cursors carry it. */
  @Column('timestamp with time zone', { name: 'last_used_at', precision: 3, default: () => 'now()' })
  lastUsedAt: Date;
}
