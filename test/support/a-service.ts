import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { aToken } from '../ownership/attackers.js';
import { aDatabase, type TestDatabase } from './a-database.js';
import { ApiClient } from './api-client.js';
import { startProcess, type Role, type ServiceProcess } from './service-process.js';

export const SECRET = 'a secret of thirty-two bytes or more';

/** The real service in a process of its own, with a database and a data directory of its own. */
export class TestService {
  url = '';
  /** Everything it wrote, both streams. */
  log = '';
  /** Its process on this machine. */
  pid = 0;
  private process: ServiceProcess | undefined;

  constructor(
    readonly env: Readonly<Record<string, string>>,
    readonly directory: string,
    private readonly release: () => Promise<void>,
    private readonly role: Role = 'start',
  ) {}

  /** The engine alone, in the data directory that the settings name. Call `end`, not `remove`. */
  static engine(env: Readonly<Record<string, string>>): TestService {
    return new TestService(env, env.DATA_DIR ?? '', () => Promise.resolve(), 'engine');
  }

  /** Starts it, again after `kill` or `end`; resolves when it is ready. */
  async start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    this.process = await startProcess(this.role, { ...this.env, ...more });
    const { child } = this.process;
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.log += text));
    const lines = createInterface({ input: child.stdout });
    this.url = await new Promise((resolve, reject) => {
      child.once('exit', () => {
        reject(new Error(`The service did not start:\n${this.log}`));
      });
      lines.on('line', (line) => {
        this.log += `${line}\n`;
        const ready = /^(?:mntdata|The engine of mntdata) is ready at (\S+)$/.exec(line);
        if (ready?.[1] !== undefined) resolve(ready[1]);
      });
    });
    this.pid = await this.process.pid();
  }

  /** The id on this machine of a process that the service knows by `pid`. */
  async pidHere(pid: number): Promise<number> {
    if (!this.process) throw new Error('The service was not started.');
    return await this.process.pidHere(pid);
  }

  /** A client for a user with a token of the configured issuer. */
  async as(user: string, claims: Record<string, unknown> = {}): Promise<ApiClient> {
    return new ApiClient(this.url, `Bearer ${await aToken(user, SECRET, claims)}`);
  }

  kill(): Promise<void> {
    return this.signal('SIGKILL');
  }

  /** Ends it in order. */
  end(): Promise<void> {
    return this.signal('SIGTERM');
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    const { process } = this;
    if (process?.child.exitCode !== null || process.child.signalCode !== null) return;
    const exited = once(process.child, 'exit');
    await process.kill(signal);
    await exited;
  }

  async remove(): Promise<void> {
    await this.signal('SIGTERM');
    await this.release();
    await rm(this.directory, { recursive: true, force: true });
  }
}

export interface ServiceOptions {
  /** The Postgres server to make the database on, null: embedded; as in `aDatabase` if not given. */
  server?: string | null;
  /** Before the start, with the data directory. */
  prepare?: (database: TestDatabase, directory: string) => Promise<void>;
}

/** A running service; `env` are settings beside those a test needs. Call `remove` at the end. */
export async function aService(
  env: Readonly<Record<string, string>> = {},
  { server, prepare }: ServiceOptions = {},
): Promise<TestService> {
  const database = await aDatabase(server);
  const directory =
    database.url === null
      ? join(database.directory, '..')
      : await mkdtemp(join(tmpdir(), 'mntdata-service-'));
  const service = new TestService(
    {
      DATA_DIR: directory,
      PORT: '0',
      AUTH_JWT_SECRET: SECRET,
      SHUTDOWN_GRACE_SECONDS: '1',
      ...(database.url === null ? {} : { DATABASE_URL: database.url }),
      ...env,
    },
    directory,
    database.remove,
  );
  try {
    await prepare?.(database, directory);
    await service.start();
    return service;
  } catch (error) {
    await service.remove();
    throw error;
  }
}
