import type { DataSource } from 'typeorm';
import { migrate } from '../../src/database/migrate.js';
import { MIGRATIONS } from '../../src/database/migrations/index.js';

/**
 * What differs between the tables that the migrations make and those that TypeORM would make from the entities,
 * as Postgres itself describes them: TypeORM's own comparison does not look into checks and partial indexes.
 * The database loses what it holds, and is migrated in the end.
 */
export async function differences(dataSource: DataSource): Promise<string[]> {
  await clear(dataSource);
  await dataSource.synchronize();
  const said = await description(dataSource);
  await clear(dataSource);
  await migrate(dataSource);
  const made = await description(dataSource);
  return [
    ...said.filter((line) => !made.includes(line)).map((line) => `only in the entities: ${line}`),
    ...made.filter((line) => !said.includes(line)).map((line) => `only in the migrations: ${line}`),
  ];
}

/** Undoes every migration and gives what that left behind; the database is migrated in the end. */
export async function leftovers(dataSource: DataSource): Promise<string[]> {
  await clear(dataSource);
  await migrate(dataSource);
  for (let count = MIGRATIONS.length; count > 0; count--) await dataSource.undoLastMigration();
  const left = await description(dataSource);
  await migrate(dataSource);
  return left;
}

async function clear(dataSource: DataSource): Promise<void> {
  await dataSource.query('DROP SCHEMA public CASCADE');
  await dataSource.query('CREATE SCHEMA public');
}

/** Columns, constraints, indexes and sequences; TypeORM's own table of migrations is not ours to describe. */
async function description(dataSource: DataSource): Promise<string[]> {
  const rows = await dataSource.query<{ line: string }[]>(`
    WITH tables AS (
      SELECT oid, relname FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'migrations'
    )
    SELECT concat_ws(' ', relname, attname, format_type(atttypid, atttypmod),
        CASE WHEN attnotnull THEN 'not null' END, pg_get_expr(adbin, adrelid)) AS line
      FROM tables JOIN pg_attribute ON attrelid = tables.oid AND attnum > 0 AND NOT attisdropped
      LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    UNION ALL
    SELECT concat_ws(' ', relname, conname, pg_get_constraintdef(pg_constraint.oid))
      FROM tables JOIN pg_constraint ON conrelid = tables.oid
    UNION ALL
    SELECT pg_get_indexdef(indexrelid) FROM tables JOIN pg_index ON indrelid = tables.oid
    UNION ALL
    SELECT concat_ws(' ', 'sequence', relname, seqtypid::regtype) FROM pg_sequence JOIN pg_class ON oid = seqrelid
      WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'migrations%'
    ORDER BY 1`);
  return rows.map(({ line }) => line);
}
