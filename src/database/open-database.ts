import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { StartError } from '../errors/index.js';
import { dataSourceOptions, OwningDataSource, type Home } from './data-source.js';
import { isConnectionLoss, isRefusal } from './database-errors.js';
import { DEADLINES, MIGRATION_DEADLINES, type Deadlines } from './deadlines.js';
import { FileLock, FileLockedError } from './file-lock.js';
import { migrate } from './migrate.js';
import { Gate } from './pglite/gate.js';
import { BackendLost, PgliteBackend } from './pglite/pglite-backend.js';

export interface DatabaseOptions {
  /** A Postgres server; null: PGlite. */
  url: string | null;
  /** Where PGlite keeps the database; null: in memory. Without effect with a `url`. */
  directory: string | null;
  poolSize: number;
  /** Takes sentences that an admin should read. */
  warn: (sentence: string) => void;
  deadlines?: Deadlines;
}

/** How long a server that is not there yet is waited for: both may have been started together. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 1_000;

/**
 * Opens the database and brings its tables up to date. `destroy()` of the result closes everything.
 * @throws Error in one sentence when it cannot be opened, as when another process has the embedded database
 */
export async function openDatabase(options: DatabaseOptions): Promise<DataSource> {
  return options.url === null
    ? await openEmbedded(options)
    : await openServer({ ...options, url: options.url }, Date.now() + PATIENCE_MS);
}

async function openServer(options: DatabaseOptions & { url: string }, until: number): Promise<DataSource> {
  try {
    return await openIn({ url: options.url }, options, (settings) => new DataSource(settings));
  } catch (error) {
    if (isRefusal(error)) throw unreachable(options.url, error);
    if (!isConnectionLoss(error)) throw error;
    if (Date.now() > until) throw unreachable(options.url, error);
    options.warn(`${unreachable(options.url, error).message} Trying again.`);
  }
  await sleep(PAUSE_MS);
  return await openServer(options, until);
}

async function openEmbedded(options: DatabaseOptions): Promise<DataSource> {
  const lock = options.directory === null ? null : await lockDirectory(options.directory);
  const deadlines = options.deadlines ?? DEADLINES;
  const backend = new PgliteBackend({ directory: options.directory, openDeadline: deadlines.open });
  const close = async () => {
    try {
      await backend.close();
    } finally {
      lock?.release();
    }
  };
  try {
    await openBackend(backend, options.directory);
    const home = { backend, gate: new Gate() };
    return await openIn(home, options, (settings) => new OwningDataSource(settings, close));
  } catch (error) {
    await close();
    throw error;
  }
}

/** Before the first connection: the very first start takes longer than a connection may. */
async function openBackend(backend: PgliteBackend, directory: string | null): Promise<void> {
  try {
    await backend.greeting();
  } catch (error) {
    if (!(error instanceof BackendLost)) throw error;
    const place = directory ?? 'memory';
    throw new StartError(`The embedded database in ${place} cannot be opened: ${error.reason}.`, {
      cause: error,
    });
  }
}

async function openIn<D extends DataSource>(
  home: Home,
  { poolSize, warn, deadlines = DEADLINES }: DatabaseOptions,
  create: (options: ReturnType<typeof dataSourceOptions>) => D,
): Promise<D> {
  const onPoolError = (error: Error) => {
    warn(`A connection to the database broke: ${error.message}`);
  };
  const migrating = new DataSource(
    dataSourceOptions(home, { poolSize: 1, deadlines: MIGRATION_DEADLINES, onPoolError }),
  );
  await migrating.initialize();
  try {
    await migrate(migrating);
  } finally {
    await migrating.destroy();
  }
  return await create(dataSourceOptions(home, { poolSize, deadlines, onPoolError })).initialize();
}

/** The lock lies beside the directory, which holds PGlite's own files only. */
async function lockDirectory(directory: string): Promise<FileLock> {
  mkdirSync(dirname(directory), { recursive: true, mode: 0o700 });
  try {
    return await FileLock.acquire(`${directory}.lock`);
  } catch (error) {
    if (!(error instanceof FileLockedError)) throw error;
    throw new StartError(
      `The embedded database in ${directory} is in use by ${error.holder}: stop that, set DATA_DIR to another ` +
        'directory, or let several services share a Postgres server with DATABASE_URL.',
      { cause: error },
    );
  }
}

/** Names the server without its password. */
function unreachable(url: string, cause: unknown): Error {
  const { host, pathname } = new URL(url);
  return new StartError(
    `The database ${host}${pathname} cannot be reached (${reasonOf(cause)}): check DATABASE_URL.`,
    {
      cause,
    },
  );
}

/** Node's error for a name with several addresses has no message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
