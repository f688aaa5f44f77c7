import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { DataSource } from 'typeorm';
import { databaseProblem, openDatabase } from '../../src/database/index.js';
import { DEADLINES, type Deadlines } from '../../src/database/deadlines.js';
import { aDatabase, type TestDatabase } from '../support/a-database.js';
import { aSmallDisk, canHaveSmallDisks } from '../support/small-disk.js';

// What only the embedded database has to promise.
const describeEmbedded = process.env.TEST_DATABASE_URL === undefined ? describe : describe.skip;
const itOnSmallDisk = canHaveSmallDisks() ? it : it.skip;
const ROWS_BEFORE_KILL = 50;

describeEmbedded('The embedded database', () => {
  let home: TestDatabase;
  const children: ChildProcessByStdio<null, Readable, null>[] = [];

  const open = async (deadlines: Partial<Deadlines> = {}): Promise<DataSource> =>
    await openDatabase({
      url: null,
      directory: home.directory,
      poolSize: 5,
      warn: () => undefined,
      deadlines: { ...DEADLINES, ...deadlines },
    });
  const startWriter = (): ChildProcessByStdio<null, Readable, null> => {
    const loader = new URL('../support/typescript.mjs', import.meta.url).href;
    const program = fileURLToPath(new URL('./row-writer.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', loader, program, home.directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    return child;
  };
  const kill = async (child: ChildProcessByStdio<null, Readable, null>): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };

  beforeEach(async () => {
    home = await aDatabase();
  });
  afterEach(async () => {
    await Promise.all(children.splice(0).map(kill));
    await home.remove();
  });

  it('refuses a second process, loses no acknowledged row to SIGKILL, and is free again after it', async () => {
    const writer = startWriter();
    let acknowledged = 0;
    for await (const line of createInterface({ input: writer.stdout })) {
      if (line === 'open') {
        const refusal: unknown = await open().catch((error: unknown) => error);
        expect((refusal as Error).message).toContain(home.directory);
        expect((refusal as Error).message).toContain(`process ${String(writer.pid)} `);
      } else acknowledged = Number(line);
      // Lines that are under way are still read: each tells of a committed row.
      if (acknowledged === ROWS_BEFORE_KILL) writer.kill('SIGKILL');
    }
    const dataSource = await open();
    try {
      const rows = await dataSource.query<{ id: number }[]>('SELECT id FROM counters ORDER BY id');
      expect(rows.length).toBeGreaterThanOrEqual(acknowledged);
      expect(acknowledged).toBeGreaterThanOrEqual(ROWS_BEFORE_KILL);
      expect(rows.slice(0, acknowledged).map(({ id }) => id)).toEqual(
        Array.from({ length: acknowledged }, (_, index) => index + 1),
      );
    } finally {
      await dataSource.destroy();
    }
  }, 120_000);

  it('starts anew when its very first start was killed half-way', async () => {
    const unfinished = `${home.directory}.unfinished`;
    await rm(home.directory, { recursive: true });
    const begun = watchFor(dirname(home.directory), 'database.unfinished');
    const writer = startWriter();
    await begun;
    await watchFor(unfinished, 'base');
    await kill(writer);
    expect(await readdir(dirname(home.directory))).not.toContain('database');

    const dataSource = await open();
    try {
      expect(await dataSource.query('SELECT count(*)::int AS count FROM workspaces')).toEqual([{ count: 0 }]);
    } finally {
      await dataSource.destroy();
    }
    expect(await readdir(dirname(home.directory))).not.toContain('database.unfinished');
  }, 120_000);

  it('ends a query outside of a transaction that is awaited inside it, and says why', async () => {
    const dataSource = await open({ turn: 300 });
    try {
      let outside: unknown;
      await dataSource.transaction(async (manager) => {
        await manager.query('CREATE TABLE kept (id integer)');
        outside = await dataSource.query('SELECT 1').catch((error: unknown) => error);
      });
      expect((outside as Error).message).toMatch(/busy with another connection's transaction for 0.3 s/);
      expect(databaseProblem(outside)).toMatchObject({ code: 'database_busy' });
      expect(await dataSource.query('SELECT count(*)::int AS count FROM kept')).toEqual([{ count: 0 }]);
    } finally {
      await dataSource.destroy();
    }
  }, 60_000);

  it('rolls back what a lost connection has begun', async () => {
    const dataSource = await open();
    try {
      await dataSource.query('CREATE TABLE kept (id integer)');
      const runner = dataSource.createQueryRunner();
      await runner.startTransaction();
      await runner.query('INSERT INTO kept VALUES (1)');
      const client = (await runner.connect()) as {
        connection: { stream: { destroy: (error: Error) => void } };
      };
      client.connection.stream.destroy(new Error('gone'));
      expect(await dataSource.query('SELECT count(*)::int AS count FROM kept')).toEqual([{ count: 0 }]);
    } finally {
      await dataSource.destroy();
    }
  }, 60_000);

  it('can be opened again at once after it was closed', async () => {
    for (const table of ['first', 'second']) {
      const dataSource = await open();
      await dataSource.query(`CREATE TABLE ${table} (id integer)`);
      await dataSource.destroy();
    }
    const dataSource = await open();
    try {
      expect(await dataSource.query('SELECT * FROM first, second')).toEqual([]);
    } finally {
      await dataSource.destroy();
    }
  }, 60_000);

  it('says so when its directory holds something else', async () => {
    await rm(home.directory, { recursive: true });
    await mkdir(join(home.directory, 'photos'), { recursive: true });
    await expect(open()).rejects.toThrow(`in ${home.directory} cannot be opened: it holds something else`);
  }, 60_000);

  itOnSmallDisk(
    'says that its disk is full, keeps what it has, and goes on when there is room again',
    async () => {
      const disk = aSmallDisk(90);
      if (disk === null) throw new Error('There was a small disk a moment ago.');
      try {
        const directory = join(disk.directory, 'database');
        const dataSource = await openDatabase({ url: null, directory, poolSize: 2, warn: () => undefined });
        try {
          await dataSource.query('CREATE TABLE kept (id serial, bytes bytea)');
          const insert = async () =>
            await dataSource.query('INSERT INTO kept (bytes) VALUES ($1)', [randomBytes(2 ** 20)]);
          let rows = 0;
          const full: unknown = await repeat(insert, () => rows++).catch((error: unknown) => error);
          expect(databaseProblem(full)).toMatchObject({ code: 'storage_full' });
          expect(databaseProblem(await insert().catch((error: unknown) => error))).toMatchObject({
            code: 'storage_full',
          });

          disk.grow(200);
          const [{ count } = { count: 0 }] = await dataSource.query<{ count: number }[]>(
            'SELECT count(*)::int AS count FROM kept',
          );
          expect(count).toBe(rows);
          await insert();
        } finally {
          await dataSource.destroy();
        }
      } finally {
        disk.remove();
      }
    },
    120_000,
  );
});

/** Resolves when a directory has an entry of that name. */
async function watchFor(directory: string, name: string): Promise<void> {
  const watcher = watch(directory);
  try {
    const seen = new Promise<void>((resolve) => {
      watcher.on('change', (_event, entry) => {
        if (entry === name) resolve();
      });
    });
    if ((await readdir(directory)).includes(name)) return;
    await seen;
  } finally {
    watcher.close();
  }
}

/** Until it fails. */
async function repeat(work: () => Promise<unknown>, onDone: () => void): Promise<never> {
  for (;;) {
    await work();
    onDone();
  }
}
