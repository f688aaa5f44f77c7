import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { DataSource } from 'typeorm';
import { databaseProblem, isConnectionLoss, openDatabase } from '../../src/database/index.js';
import { DEADLINES, type Deadlines } from '../../src/database/deadlines.js';
import { aDatabase, type TestDatabase } from '../support/a-database.js';

// What only a database on the other side of a network has to promise.
const describeServer = process.env.TEST_DATABASE_URL === undefined ? describe.skip : describe;

describeServer('The database on a server', () => {
  let home: TestDatabase;
  let network: Network;

  const open = async (
    deadlines: Partial<Deadlines> = {},
    warn: (sentence: string) => void = () => undefined,
  ): Promise<DataSource> =>
    await openDatabase({
      url: network.url,
      directory: null,
      poolSize: 3,
      warn,
      deadlines: { ...DEADLINES, ...deadlines },
    });

  beforeEach(async () => {
    home = await aDatabase();
    network = await Network.before(home.url ?? '');
  });
  afterEach(async () => {
    await network.close();
    await home.remove();
  });

  it('is migrated once when several processes start on it', async () => {
    const opened = await Promise.all([open(), open(), open()]);
    try {
      expect(await opened[0].query('SELECT count(*)::int AS count FROM migrations')).toEqual([
        { count: opened[0].migrations.length },
      ]);
    } finally {
      await Promise.all(opened.map((dataSource) => dataSource.destroy()));
    }
  });

  it('is waited for when it is not there yet', async () => {
    await network.close();
    const warned: string[] = [];
    const opening = open({}, (sentence) => {
      warned.push(sentence);
      void network.listen();
    });
    const dataSource = await opening;
    await dataSource.destroy();
    expect(warned[0]).toMatch(/cannot be reached .*ECONNREFUSED.*DATABASE_URL.*Trying again/);
  });

  it('is told by name when it turns the service away, but not its password', async () => {
    const url = new URL(network.url);
    url.username = 'nobody';
    url.password = 'hunter2';
    const opening = openDatabase({ url: url.href, directory: null, poolSize: 3, warn: () => undefined });
    const error: unknown = await opening.catch((reason: unknown) => reason);
    expect((error as Error).message).toContain(url.host);
    expect((error as Error).message).toContain('nobody');
    expect((error as Error).message).not.toContain('hunter2');
  });

  it('serves again after it has closed all connections', async () => {
    const dataSource = await open();
    try {
      const lost: unknown = await dataSource
        .query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()')
        .catch((error: unknown) => error);
      expect(databaseProblem(lost)).toMatchObject({ code: 'database_unavailable', retryAfterSeconds: 5 });
      expect(await dataSource.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      await dataSource.destroy();
    }
  });

  it('does not hold a query, nor the next one, when the network has gone silent', async () => {
    const dataSource = await open({ answer: 400 });
    try {
      await dataSource.query('SELECT 1');
      network.goSilent();
      const lost: unknown = await dataSource
        .transaction((manager) => manager.query('SELECT 1'))
        .catch((error: unknown) => error);
      expect(isConnectionLoss(lost)).toBe(true);
      network.comeBack();
      expect(await dataSource.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      await dataSource.destroy();
    }
  });
});

/** A network between service and server that can be cut, or fall silent for the connections it carries. */
class Network {
  private readonly sockets = new Set<Socket>();
  private silent = false;
  private readonly server: Server;

  private constructor(
    readonly url: string,
    private readonly target: URL,
    private readonly port: number,
  ) {
    this.server = createServer((socket) => {
      this.carry(socket);
    });
  }

  static async before(target: string): Promise<Network> {
    const url = new URL(target);
    const port = await freePort();
    url.hostname = '127.0.0.1';
    url.port = String(port);
    const network = new Network(url.href, new URL(target), port);
    await network.listen();
    return network;
  }

  async listen(): Promise<void> {
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  goSilent(): void {
    this.silent = true;
  }

  /** New connections work; what the old ones lost stays lost. */
  comeBack(): void {
    this.silent = false;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }

  private carry(near: Socket): void {
    const far = connect(Number(this.target.port || 5432), this.target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(from);
      from.on('data', (chunk) => {
        if (!this.silent) to.write(chunk);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
