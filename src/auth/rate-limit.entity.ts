import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * Requests counted per caller, shared by all processes on one Postgres. Columns in the order and of the types that
 * rate-limiter-flexible's Postgres store writes.
 */
@Entity('rate_limits')
@Index('rate_limits_expire', ['expire'])
export class RateLimit {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'rate_limits_pkey' })
  key: string;

  @Column('int')
  points: number;

  /** When the count starts anew, in milliseconds since 1970. */
  @Column('bigint', { nullable: true })
  expire: string | null;
}
