import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Workspace } from './workspace.entity.js';

/**
 * An attached file that was placed in a workspace, under the name chosen for it. It stays when code deletes
 * the file, so that the file does not come back.
 */
@Entity('workspace_attachments')
@Index('workspace_attachments_file', ['fileId'])
export class WorkspaceAttachment {
  @PrimaryColumn('uuid', { name: 'workspace_id', primaryKeyConstraintName: 'workspace_attachments_pkey' })
  workspaceId: string;

  @PrimaryColumn('uuid', { name: 'file_id', primaryKeyConstraintName: 'workspace_attachments_pkey' })
  fileId: string;

  @ManyToOne(() => Workspace, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'workspace_id', foreignKeyConstraintName: 'workspace_attachments_workspace' })
  workspace: Relation<Workspace>;

  @Column('bytea')
  path: Buffer;

  @Column('timestamptz', { name: 'placed_at', default: () => 'now()' })
  placedAt: Date;
}
