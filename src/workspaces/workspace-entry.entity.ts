import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { bigintAsNumber, bigintAsString } from '../database/column-types.js';
import { Workspace } from './workspace.entity.js';

export type EntryOrigin = 'attached' | 'generated' | 'untracked';

/** One path of a workspace as last committed: together they are its manifest. */
@Entity('workspace_entries')
@Index('workspace_entries_file', ['fileId'])
@Check('workspace_entries_origin', `origin IN ('attached', 'generated', 'untracked')`)
export class WorkspaceEntry {
  @PrimaryColumn('uuid', { name: 'workspace_id', primaryKeyConstraintName: 'workspace_entries_pkey' })
  workspaceId: string;

  /** Identity of the path: an index row of Postgres ends at 2,704 bytes, a path at 4,096. */
  @PrimaryColumn('bytea', { name: 'path_sha256', primaryKeyConstraintName: 'workspace_entries_pkey' })
  pathSha256: Buffer;

  @ManyToOne(() => Workspace, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'workspace_id', foreignKeyConstraintName: 'workspace_entries_workspace' })
  workspace: Relation<Workspace>;

  /** Raw bytes below `/mnt/data`. */
  @Column('bytea')
  path: Buffer;

  @Column('text')
  origin: EntryOrigin;

  @Column('bigint', { transformer: bigintAsNumber })
  size: number;

  @Column('int')
  mode: number;

  /** Null: not seen in the directory since it was placed or restored. */
  @Column('bigint', { name: 'mtime_ns', nullable: true, transformer: bigintAsString })
  mtimeNs: string | null;

  @Column('bigint', { name: 'ctime_ns', nullable: true, transformer: bigintAsString })
  ctimeNs: string | null;

  @Column('numeric', { nullable: true })
  inode: string | null;

  /** The stamps lie too close to the scan that recorded them to prove that nothing changed since. */
  @Column('boolean', { default: true })
  racy: boolean;

  /** Null when the content was not read (too large, too many, not tracked). */
  @Column('bytea', { nullable: true })
  sha256: Buffer | null;

  /** The file row of this content; null when it is not kept. */
  @Column('uuid', { name: 'file_id', nullable: true })
  fileId: string | null;
}
