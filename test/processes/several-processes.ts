import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aDatabase } from '../support/a-database.js';
import { SECRET, TestService } from '../support/a-service.js';
import { ApiClient } from '../support/api-client.js';
import { RoundRobin } from '../support/round-robin.js';
import { aToken } from '../ownership/attackers.js';

export const ENGINE_TOKEN = 'the token of the engine';

/** Several API processes on one database, one data directory and one engine, behind a proxy. */
export class SeveralProcesses {
  private constructor(
    readonly engine: TestService,
    readonly processes: readonly TestService[],
    readonly proxy: RoundRobin,
    readonly databaseUrl: string,
    private readonly release: () => Promise<void>,
  ) {}

  /** @param server the Postgres to make their database on, unless said that of `TEST_DATABASE_URL` */
  static async start(
    count: number,
    env: Readonly<Record<string, string>> = {},
    server?: string,
  ): Promise<SeveralProcesses> {
    const database = await aDatabase(server);
    if (database.url === null) throw new Error('TEST_DATABASE_URL must name a Postgres server.');
    const directory = await mkdtemp(join(tmpdir(), 'mntdata-processes-'));
    const settings = {
      ...{ DATA_DIR: directory, PORT: '0', AUTH_JWT_SECRET: SECRET, DATABASE_URL: database.url },
      ...{ JUPYTER_TOKEN: ENGINE_TOKEN, LEASE_SECONDS: '2', SHUTDOWN_GRACE_SECONDS: '1', ...env },
    };
    const engine = TestService.engine({ ...settings, ENGINE_PORT: '0' });
    await engine.start();
    const nothing = (): Promise<void> => Promise.resolve();
    const shared = { ...settings, JUPYTER_URL: engine.url };
    const processes = Array.from({ length: count }, () => new TestService(shared, directory, nothing));
    const proxy = await RoundRobin.before(() => processes.map(({ url }) => url));
    const all = new SeveralProcesses(engine, processes, proxy, database.url, async () => {
      await database.remove();
      await rm(directory, { recursive: true, force: true });
    });
    await Promise.all(processes.map(async (process) => await process.start()));
    return all;
  }

  /** A client of each process, and one of the proxy, for the same user. */
  async clients(user: string): Promise<{ each: ApiClient[]; any: ApiClient }> {
    const authorization = `Bearer ${await aToken(user, SECRET, {})}`;
    return {
      each: this.processes.map(({ url }) => new ApiClient(url, authorization)),
      any: new ApiClient(this.proxy.url, authorization),
    };
  }

  /** Ids of the kernels that the engine has. */
  async kernels(): Promise<string[]> {
    const headers = { Authorization: `token ${ENGINE_TOKEN}` };
    const answer = await fetch(`${this.engine.url}api/kernels`, { headers });
    return ((await answer.json()) as { id: string }[]).map(({ id }) => id);
  }

  async stop(): Promise<void> {
    await this.proxy.stop();
    await Promise.all(this.processes.map(async (process) => await process.end()));
    await this.engine.end();
    await this.release();
  }
}
