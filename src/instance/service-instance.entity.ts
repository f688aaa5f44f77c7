import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One life of one API process. Executions whose instance was not seen for long are taken over. */
@Entity('service_instances')
export class ServiceInstance {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'service_instances_pkey' })
  id: string;

  /** The data directory's own id: a new life under the same exclusive lock knows that earlier ones ended. */
  @Column('text')
  home: string;

  /** Where the other processes reach it; null while it does not listen. */
  @Column('text', { nullable: true })
  address: string | null;

  @Column('timestamptz', { name: 'started_at', default: () => 'now()' })
  startedAt: Date;

  @Column('timestamptz', { name: 'seen_at', default: () => 'now()' })
  seenAt: Date;
}
