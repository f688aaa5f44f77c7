import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import {
  databaseProblem,
  isConnectionLoss,
  newId,
  openDatabase,
  violatedUnique,
} from '../../src/database/index.js';
import { DEADLINES, type Deadlines } from '../../src/database/deadlines.js';
import { migrate } from '../../src/database/migrate.js';
import { ApiKey } from '../../src/auth/api-key.entity.js';
import { Artifact } from '../../src/storage/artifact.entity.js';
import { WorkspaceEntry } from '../../src/workspaces/workspace-entry.entity.js';
import { Workspace } from '../../src/workspaces/workspace.entity.js';
import { aDatabase, type TestDatabase } from '../support/a-database.js';
import { differences, leftovers } from './migrations.js';

const POOL_SIZE = 5;
/** Opening and closing again takes seconds on a busy machine. */
const PATIENCE_MS = 60_000;

// The same promises in both homes: a server when TEST_DATABASE_URL names one, else embedded.
describe('The database', () => {
  let home: TestDatabase;
  let dataSource: DataSource;

  const open = async (deadlines: Partial<Deadlines> = {}): Promise<DataSource> =>
    await openDatabase({
      url: home.url,
      directory: home.directory,
      poolSize: POOL_SIZE,
      warn: () => undefined,
      deadlines: { ...DEADLINES, ...deadlines },
    });
  const reopen = async (deadlines: Partial<Deadlines> = {}): Promise<void> => {
    await dataSource.destroy();
    dataSource = await open(deadlines);
  };
  const countOf = async (table: string): Promise<number> =>
    Number((await dataSource.query<{ count: string }[]>(`SELECT count(*) FROM ${table}`))[0]?.count);

  beforeAll(async () => {
    home = await aDatabase();
    dataSource = await open();
    await dataSource.query('CREATE TABLE counters (id integer PRIMARY KEY, value integer NOT NULL)');
  }, PATIENCE_MS);
  afterAll(async () => {
    await dataSource.destroy();
    await home.remove();
  }, PATIENCE_MS);

  describe('keeps transactions apart', () => {
    beforeEach(async () => {
      await dataSource.query('TRUNCATE counters');
    });

    it('shows nobody what is rolled back', async () => {
      const rollback = new Error('rollback');
      let seen: Promise<number> | undefined;
      const transaction = dataSource.transaction(async (manager) => {
        await manager.query('INSERT INTO counters VALUES (1, 1)');
        seen = countOf('counters');
        throw rollback;
      });
      await expect(transaction).rejects.toBe(rollback);
      expect(await seen).toBe(0);
    });

    it('keeps exactly what was committed, of many at once', async () => {
      const ids = Array.from({ length: 40 }, (_, index) => index);
      const outcomes = await Promise.allSettled(
        ids.map((id) =>
          dataSource.transaction(async (manager) => {
            await manager.query('INSERT INTO counters VALUES ($1, 0)', [id]);
            await manager.query('UPDATE counters SET value = id WHERE id = $1', [id]);
            if (id % 2 === 1) throw new Error('odd');
          }),
        ),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
      const rows = await dataSource.query<{ id: number; value: number }[]>(
        'SELECT * FROM counters ORDER BY id',
      );
      expect(rows).toEqual(ids.filter((id) => id % 2 === 0).map((id) => ({ id, value: id })));
    });

    it('loses no update under a row lock', async () => {
      await dataSource.query('INSERT INTO counters VALUES (1, 0)');
      const increment = () =>
        dataSource.transaction(async (manager) => {
          const [row] = await manager.query<{ value: number }[]>(
            'SELECT value FROM counters WHERE id = 1 FOR UPDATE',
          );
          await manager.query('UPDATE counters SET value = $1 WHERE id = 1', [(row?.value ?? 0) + 1]);
        });
      await Promise.all(Array.from({ length: 30 }, increment));
      expect(await dataSource.query('SELECT value FROM counters')).toEqual([{ value: 30 }]);
    });

    it('goes on after an error within one', async () => {
      const transaction = dataSource.transaction(async (manager) => {
        await manager.query('INSERT INTO counters VALUES (1, 1)');
        await expect(manager.query('SELECT 1 / 0')).rejects.toMatchObject({ driverError: { code: '22012' } });
        await manager.query('INSERT INTO counters VALUES (2, 2)');
      });
      await expect(transaction).rejects.toMatchObject({ driverError: { code: '25P02' } });
      expect(await countOf('counters')).toBe(0);
    });
  });

  describe('keeps values as they are', () => {
    it('bytes of every value, NUL included', async () => {
      const everyByte = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
      const [row] = await dataSource.query<{ same: Buffer }[]>('SELECT $1::bytea AS same', [everyByte]);
      expect(row?.same.equals(everyByte)).toBe(true);
    });

    it('a parameter and an answer of 10 MB', async () => {
      const large = randomBytes(10_000_000);
      const [row] = await dataSource.query<{ same: Buffer; size: number }[]>(
        'SELECT $1::bytea AS same, length($1::bytea) AS size',
        [large],
      );
      expect(row?.size).toBe(large.length);
      expect(row?.same.equals(large)).toBe(true);
    });

    it('numbers beyond 32 bits as numbers, nanoseconds and inodes as text', async () => {
      const workspaces = dataSource.getRepository(Workspace);
      const entries = dataSource.getRepository(WorkspaceEntry);
      const id = newId();
      await workspaces.insert({
        id,
        userId: 'u',
        kind: 'own',
        externalId: id,
        state: 'active',
        bytes: 5_000_000_000,
      });
      const entry = {
        workspaceId: id,
        pathSha256: randomBytes(32),
        path: Buffer.from([0x61, 0x00, 0xff]),
        origin: 'generated' as const,
        size: 3_000_000_000,
        mode: 0o644,
        mtimeNs: '1795402498123456789',
        ctimeNs: '1795402498123456790',
        inode: '18446744073709551615',
      };
      await entries.insert(entry);
      expect(await workspaces.findOneByOrFail({ id })).toMatchObject({ bytes: 5_000_000_000, leaseEpoch: 0 });
      expect(await entries.findOneByOrFail({ workspaceId: id })).toMatchObject(entry);
    });
  });

  describe('tells its errors apart', () => {
    it('names the unique constraint that was violated', async () => {
      const artifacts = dataSource.getRepository(Artifact);
      const row = { sha256: randomBytes(32), size: 1, state: 'stored' as const };
      await artifacts.insert(row);
      const error: unknown = await artifacts.insert(row).catch((reason: unknown) => reason);
      expect(violatedUnique(error)).toBe('artifacts_pkey');
      expect(databaseProblem(error)).toBeNull();
    });

    it('does not take another violation for it', async () => {
      const row = {
        id: newId(),
        name: 'n',
        kind: 'robot' as never,
        role: 'user' as const,
        keyHash: randomBytes(32),
      };
      const error: unknown = await dataSource
        .getRepository(ApiKey)
        .insert({ ...row, prefix: 'p', createdBy: 'u' })
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({ driverError: { code: '23514', constraint: 'api_keys_kind' } });
      expect(violatedUnique(error)).toBeNull();
      expect(databaseProblem(error)).toBeNull();
    });
  });

  describe('keeps its deadlines', () => {
    beforeEach(async () => {
      await dataSource.query('TRUNCATE counters');
    });
    afterEach(async () => {
      await reopen();
    }, PATIENCE_MS);

    it(
      'ends a statement that takes too long, and serves the next one',
      async () => {
        await dataSource.query('INSERT INTO counters VALUES (7, 7)');
        await reopen({ statement: 1500 });
        const error: unknown = await dataSource
          .query('SELECT count(*) FROM generate_series(1, 1000000000)')
          .catch((reason: unknown) => reason);
        expect(databaseProblem(error)).toMatchObject({ kind: 'unavailable' });
        expect(await countOf('counters')).toBe(1);
      },
      PATIENCE_MS,
    );

    it(
      'ends a transaction in which nothing happens, and lets others go on',
      async () => {
        await reopen({ idleInTransaction: 200 });
        const runner = dataSource.createQueryRunner();
        try {
          await runner.startTransaction();
          const broke = new Promise((resolve) => {
            runner.connect().then((client: NodeJS.EventEmitter) => client.once('error', resolve), resolve);
          });
          await runner.query('INSERT INTO counters VALUES (1, 1)');
          await broke;
          expect(await countOf('counters')).toBe(0);
          const error: unknown = await runner.query('SELECT 1').catch((reason: unknown) => reason);
          expect(isConnectionLoss(error)).toBe(true);
        } finally {
          await runner.release();
        }
      },
      PATIENCE_MS,
    );

    it(
      'does not wait for ever for a connection of the pool',
      async () => {
        await reopen({ connect: 300 });
        const runners = Array.from({ length: POOL_SIZE }, () => dataSource.createQueryRunner());
        try {
          await Promise.all(runners.map((runner) => runner.connect()));
          const error: unknown = await dataSource.query('SELECT 1').catch((reason: unknown) => reason);
          expect(databaseProblem(error)).toMatchObject({ code: 'database_unavailable' });
        } finally {
          await Promise.all(runners.map((runner) => runner.release()));
        }
      },
      PATIENCE_MS,
    );
  });

  describe('migrates', () => {
    it('not what a newer version has migrated', async () => {
      await dataSource.query(
        `INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Later9999999999999')`,
      );
      try {
        await expect(migrate(dataSource)).rejects.toThrow(/Later9999999999999.*newer version/);
      } finally {
        await dataSource.query(`DELETE FROM migrations WHERE name = 'Later9999999999999'`);
      }
    });

    // The last ones: they begin with an empty database.
    it('to exactly what the entities say', async () => {
      expect(await differences(dataSource)).toEqual([]);
    });

    it('down to nothing, and up again', async () => {
      expect(await leftovers(dataSource)).toEqual([]);
      expect(await countOf('workspaces')).toBe(0);
    });
  });
});
