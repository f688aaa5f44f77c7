import type { DataSource } from 'typeorm';
import { openDatabase } from '../../src/database/index.js';
import type { TestDatabase } from '../../test/support/a-database.js';
import type { TableSizes } from '../scale.js';

/** Files of one chat, of which each message has ten. */
export const FILES_OF_CHAT = 200;
const ROWS_AT_ONCE = 50_000;
const PATIENCE_MS = 3_600_000;

/** Opens the database of a service that does not run yet, with all tables, and closes it after the work. */
export async function inDatabase(
  { url, directory }: TestDatabase,
  work: (database: DataSource) => Promise<void>,
): Promise<void> {
  const deadlines = {
    ...{ connect: PATIENCE_MS, statement: PATIENCE_MS, answer: PATIENCE_MS, turn: PATIENCE_MS },
    ...{ idleInTransaction: PATIENCE_MS, open: PATIENCE_MS },
  };
  const warn = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
  const database = await openDatabase({ url, directory, poolSize: 1, warn, deadlines });
  try {
    await work(database);
    // A server does that by itself after a while; PGlite never does.
    if (url !== null) await database.query('VACUUM ANALYZE');
  } finally {
    await database.destroy();
  }
}

/** Rows of the user `bench`, all of one user because that is the hard case for indexes that begin with the user. */
export async function fill(database: DataSource, sizes: TableSizes): Promise<void> {
  await insert(database, FILES, sizes.files);
  await insert(database, EXECUTIONS, sizes.executions);
  await insert(database, WORKSPACES, sizes.workspaces);
}

/** @param statement inserts rows for `i` from $1 to $2 */
async function insert(database: DataSource, statement: string, count: number): Promise<void> {
  for (let from = 0; from < count; from += ROWS_AT_ONCE) {
    await database.query(statement, [from, Math.min(count, from + ROWS_AT_ONCE) - 1]);
  }
}

const FILES = `
  INSERT INTO files (id, user_id, message_id, chat_id, workspace_id, execution_id, source, change, path,
    path_sha256, name, size, format, mime_type, sha256, meta, created_at)
  SELECT gen_random_uuid(), 'bench', 'm-' || i / 10, 'c-' || i / ${FILES_OF_CHAT}, md5('w' || i / 10)::uuid,
    md5('e' || i)::uuid, 'code_execution', 'created', convert_to('table-' || i || '.csv', 'UTF8'),
    sha256(convert_to('table-' || i || '.csv', 'UTF8')), 'table-' || i || '.csv', 1000 + i % 1000, 'CSV',
    'text/csv', sha256(convert_to(i::text, 'UTF8')),
    jsonb_build_object('source', 'code_execution', 'chat_id', 'c-' || i / ${FILES_OF_CHAT}, 'message_id',
      'm-' || i / 10, 'generated_at', now(), 'format', 'CSV', 'original_workspace_path',
      'table-' || i || '.csv', 'workspace_id', 'm-' || i / 10),
    now() - i * interval '1 second'
  FROM generate_series($1::int, $2::int) i`;

const EXECUTIONS = `
  INSERT INTO executions (id, user_id, workspace_id, workspace_ref, message_id, chat_id, request_sha256, request,
    status, kernel, owner_id, created_at, started_at, finished_at)
  SELECT gen_random_uuid(), 'bench', md5('w' || i / 10)::uuid, 'm-' || i / 10, 'm-' || i / 10,
    'c-' || i / ${FILES_OF_CHAT}, sha256(convert_to(i::text, 'UTF8')), sha256(convert_to(i::text, 'UTF8')), 'ok',
    'kept', md5('owner')::uuid, now() - i * interval '1 second', now() - i * interval '1 second',
    now() - i * interval '1 second'
  FROM generate_series($1::int, $2::int) i`;

const WORKSPACES = `
  INSERT INTO workspaces (id, user_id, kind, external_id, chat_id, state, directory, last_used_at)
  SELECT md5('w' || i)::uuid, 'bench', 'message', 'm-' || i, 'c-' || i / 20, 'active', md5('d' || i),
    now() - i * interval '1 second'
  FROM generate_series($1::int, $2::int) i`;
