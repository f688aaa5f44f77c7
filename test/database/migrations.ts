import type { DataSource } from 'typeorm';
import { migrate } from '../../src/database/migrate.js';
import { MIGRATIONS } from '../../src/database/migrations/index.js';

/** The statements that would turn the tables as migrated into what the entities say; empty when they agree. */
export async function drift(dataSource: DataSource): Promise<string[]> {
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
  return upQueries.map(({ query }) => query);
}

/** Undoes every migration and runs them again; gives the tables and sequences that undoing left behind. */
export async function downAndUp(dataSource: DataSource): Promise<string[]> {
  const before = await relations(dataSource);
  for (let left = MIGRATIONS.length; left > 0; left--) await dataSource.undoLastMigration();
  const left = await relations(dataSource);
  await migrate(dataSource);
  const after = await relations(dataSource);
  const changed = [...before, ...after].filter((name) => !(before.includes(name) && after.includes(name)));
  if (changed.length > 0) throw new Error(`Down and up again does not give the same: ${changed.join(', ')}.`);
  return left;
}

async function relations(dataSource: DataSource): Promise<string[]> {
  const rows = await dataSource.query<{ name: string }[]>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'i')
     AND relname NOT LIKE 'migrations_%' AND relname NOT LIKE 'PK_%' AND relname <> 'migrations' ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}
