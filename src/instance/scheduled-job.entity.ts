import { Column, Entity, PrimaryColumn } from 'typeorm';

/** When a scheduled job was last begun, by whichever process. */
@Entity('scheduled_jobs')
export class ScheduledJob {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'scheduled_jobs_pkey' })
  name: string;

  @Column('timestamptz', { name: 'started_at' })
  startedAt: Date;
}
