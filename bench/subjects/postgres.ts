import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../test/support/free-port.js';

const execute = promisify(execFile);
const VERSIONS = '/usr/lib/postgresql';

/** A Postgres server of the benchmarks' own, as Debian installs it, with its own settings for durability. */
export interface PostgresServer {
  url: string;
  end: () => Promise<void>;
}

/** Where the newest Postgres has its programs; null when none is installed. */
export function postgresPrograms(): string | null {
  if (!existsSync(VERSIONS)) return null;
  const newest = readdirSync(VERSIONS)
    .sort((a, b) => Number(a) - Number(b))
    .at(-1);
  const programs = newest === undefined ? null : join(VERSIONS, newest, 'bin');
  return programs !== null && existsSync(join(programs, 'initdb')) ? programs : null;
}

export async function startPostgres(programs: string): Promise<PostgresServer> {
  const directory = await mkdtemp(join(tmpdir(), 'mntdata-bench-postgres-'));
  const data = join(directory, 'data');
  const password = randomBytes(16).toString('hex');
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  await giveToPostgres(directory, passwordFile);
  const authentication = ['-U', 'mntdata', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  await asPostgres(join(programs, 'initdb'), ['-D', data, ...authentication, '--encoding=UTF8', '--no-sync']);
  const port = await freePort();
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200`;
  const log = join(directory, 'log');
  await asPostgres(join(programs, 'pg_ctl'), ['start', '-s', '-w', '-D', data, '-l', log, '-o', settings]);
  return {
    url: `postgres://mntdata:${password}@127.0.0.1:${port}/postgres`,
    end: async () => {
      await asPostgres(join(programs, 'pg_ctl'), ['stop', '-s', '-m', 'immediate', '-D', data]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Postgres refuses to run as root; its user may not see where we are. */
async function asPostgres(program: string, args: readonly string[]): Promise<void> {
  const options = { cwd: '/' };
  if (isRoot()) await execute('runuser', ['-u', 'postgres', '--', program, ...args], options);
  else await execute(program, args, options);
}

async function giveToPostgres(...paths: string[]): Promise<void> {
  if (!isRoot()) return;
  const [uid, gid] = ['-u', '-g'].map((which) =>
    Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' })),
  );
  for (const path of paths) await chown(path, uid ?? 0, gid ?? 0);
  await chmod(paths[0] ?? '', 0o700);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
