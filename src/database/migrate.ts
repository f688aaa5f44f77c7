import { MigrationExecutor, type DataSource } from 'typeorm';
import { StartError } from '../errors/index.js';
import { MIGRATIONS } from './migrations/index.js';

/** Any number that nobody else locks: several processes may start on one database at the same time. */
const MIGRATION_LOCK = 6_846_442;

/**
 * Runs the migrations that the database lacks, each in a transaction of its own; one process at a time.
 * @throws Error when the database was migrated by a newer version
 */
export async function migrate(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    try {
      const executor = new MigrationExecutor(dataSource, runner);
      executor.transaction = 'each';
      refuseNewer(await executor.getExecutedMigrations());
      await executor.executePendingMigrations();
    } finally {
      await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    }
  } finally {
    await runner.release();
  }
}

function refuseNewer(executed: readonly { name: string }[]): void {
  const known = new Set<string>(MIGRATIONS.map((migration) => migration.name));
  const unknown = executed.find((migration) => !known.has(migration.name));
  if (unknown === undefined) return;
  throw new StartError(
    `The database holds the migration ${unknown.name}, which this version of mntdata does not know: ` +
      'start the newer version that ran it, or use another database.',
  );
}
