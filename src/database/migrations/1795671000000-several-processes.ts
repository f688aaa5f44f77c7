import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where processes that share the database reach each other, and whose turn a scheduled job is. */
export class SeveralProcesses1795671000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE service_instances ADD COLUMN address text');
    await queryRunner.query(`
      CREATE TABLE scheduled_jobs (
        name text NOT NULL,
        started_at timestamptz NOT NULL,
        CONSTRAINT scheduled_jobs_pkey PRIMARY KEY (name)
      )`);
    await queryRunner.query(
      'CREATE INDEX workspaces_kernel_last_used ON workspaces (last_used_at) WHERE kernel_id IS NOT NULL',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX workspaces_kernel_last_used');
    await queryRunner.query('DROP TABLE scheduled_jobs');
    await queryRunner.query('ALTER TABLE service_instances DROP COLUMN address');
  }
}
