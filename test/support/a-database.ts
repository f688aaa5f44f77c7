import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { PROJECT_ROOT } from '../../src/config/index.js';

/** A database of a test's own: empty, and removed after it. */
export interface TestDatabase {
  /** For `DATABASE_URL`; null: embedded. */
  url: string | null;
  /** For the embedded database. */
  directory: string;
  remove: () => Promise<void>;
}

/**
 * On a server (unless said, the one that `TEST_DATABASE_URL` names), else embedded: a copy of an empty one, which
 * saves the seconds of a very first start.
 */
export async function aDatabase(server = process.env.TEST_DATABASE_URL ?? null): Promise<TestDatabase> {
  const parent = await mkdtemp(join(tmpdir(), 'mntdata-database-'));
  const directory = join(parent, 'database');
  const url = server === null ? null : await createOn(server);
  if (url === null) await cp(await openedBefore(), directory, { recursive: true });
  return {
    url,
    directory,
    remove: async () => {
      await rm(parent, { recursive: true });
      if (server !== null && url !== null) await dropFrom(server, url);
    },
  };
}

/** An empty database as PGlite makes it, made once for all tests. */
async function openedBefore(): Promise<string> {
  const cache = join(PROJECT_ROOT, 'node_modules/.cache');
  const template = join(cache, `mntdata-empty-database-${pgliteVersion()}`);
  if (existsSync(template)) return template;
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(`${template}-`);
  const database = await PGlite.create({ dataDir: unfinished });
  await database.close();
  // Somebody else may have been faster; theirs is as good.
  await rename(unfinished, template).catch(() => rm(unfinished, { recursive: true }));
  return template;
}

function pgliteVersion(): string {
  const manifest = readFileSync(join(PROJECT_ROOT, 'node_modules/@electric-sql/pglite/package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

async function createOn(server: string): Promise<string> {
  const name = `mntdata_test_${randomBytes(6).toString('hex')}`;
  await runOn(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function dropFrom(server: string, url: string): Promise<void> {
  await runOn(server, `DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
}

async function runOn(server: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
