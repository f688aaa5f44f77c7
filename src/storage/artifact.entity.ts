import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from '../database/column-types.js';

/** `deleting`: the sweep is about to unlink the bytes; whoever stores the same content waits and writes anew. */
export type ArtifactState = 'stored' | 'deleting';

/** Stored bytes, addressed by their SHA-256, that file rows point to. */
@Entity('artifacts')
@Index('artifacts_touched', ['touchedAt'])
@Check('artifacts_state', `state IN ('stored', 'deleting')`)
export class Artifact {
  @PrimaryColumn('bytea', { primaryKeyConstraintName: 'artifacts_pkey' })
  sha256: Buffer;

  @Column('bigint', { transformer: bigintAsNumber })
  size: number;

  @Column('text')
  state: ArtifactState;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  /** When somebody last stored or attached this content; the sweep leaves fresh ones alone. */
  @Column('timestamptz', { name: 'touched_at', default: () => 'now()' })
  touchedAt: Date;
}
