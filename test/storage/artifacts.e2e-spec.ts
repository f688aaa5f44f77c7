import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { DataSource } from 'typeorm';
import { newId, openDatabase } from '../../src/database/index.js';
import { StoredFile } from '../../src/files/file.entity.js';
import {
  Artifact,
  ArtifactsService,
  ArtifactSweep,
  ContentMissingError,
  DiskArtifactStore,
  type StagedFile,
} from '../../src/storage/index.js';
import { aDatabase, type TestDatabase } from '../support/a-database.js';
import { aStagedFile } from './artifact-store.contract.js';

/** Lets a test do something at the moment between the sweep's last check and the removal of the bytes. */
class InterruptibleStore extends DiskArtifactStore {
  beforeRemove: (sha256: string) => Promise<void> = () => Promise.resolve();

  override async remove(sha256: string): Promise<void> {
    await this.beforeRemove(sha256);
    await super.remove(sha256);
  }
}

const HOUR = { unusedForSeconds: 3600, abandonedForSeconds: 3600 };
const ANY_TIME = { ...HOUR, unusedForSeconds: 0 };
const NOTHING = { artifacts: 0, bytes: 0, strays: 0, staged: 0, failed: 0 };
const sha256Of = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

// On the server that TEST_DATABASE_URL names, else embedded.
describe('Artifacts', () => {
  let home: TestDatabase;
  let dataSource: DataSource;
  let directory: string;
  let store: InterruptibleStore;
  let artifacts: ArtifactsService;
  let sweep: ArtifactSweep;

  beforeAll(async () => {
    home = await aDatabase();
    dataSource = await openDatabase({ ...home, poolSize: 10, warn: () => undefined });
  }, 60_000);

  afterAll(async () => {
    await dataSource.destroy();
    await home.remove();
  });

  beforeEach(async () => {
    await dataSource.query('TRUNCATE artifacts, files');
    directory = await mkdtemp(join(tmpdir(), 'mntdata-artifacts-'));
    store = new InterruptibleStore({
      root: join(directory, 'artifacts'),
      stagingDirectory: join(directory, 'staging'),
    });
    await store.prepare();
    artifacts = new ArtifactsService(store, dataSource);
    sweep = new ArtifactSweep(store, dataSource);
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  const staged = (content: Buffer): Promise<StagedFile> =>
    artifacts.stage(Readable.from([content]), { maxBytes: Infinity });

  const stored = async (content: Buffer): Promise<string> => {
    const file = await staged(content);
    await artifacts.store([file]);
    return file.sha256;
  };

  const rowOf = (sha256: string): Promise<Artifact | null> =>
    dataSource.getRepository(Artifact).findOneBy({ sha256: Buffer.from(sha256, 'hex') });

  const setRow = async (sha256: string, values: Partial<Artifact>): Promise<void> => {
    await dataSource.getRepository(Artifact).update({ sha256: Buffer.from(sha256, 'hex') }, values);
  };

  const isStored = async (sha256: string): Promise<boolean> =>
    await artifacts.localFile(sha256).then(
      () => true,
      () => false,
    );

  const fileRow = (sha256: string): Partial<StoredFile> => ({
    id: newId(),
    userId: 'u',
    source: 'attached',
    name: 'name',
    size: 1,
    format: 'File',
    mimeType: 'text/plain',
    sha256: Buffer.from(sha256, 'hex'),
    meta: {} as StoredFile['meta'],
  });

  const pointAt = async (sha256: string): Promise<void> => {
    await dataSource.transaction(async (transaction) => {
      await artifacts.touch([sha256], transaction);
      await transaction.insert(StoredFile, fileRow(sha256));
    });
  };

  describe('are stored', () => {
    test('with a row, once for equal bytes', async () => {
      const [one, other] = [randomBytes(1000), randomBytes(2000)];
      await artifacts.store([await staged(one), await staged(other), await staged(one)]);
      expect(await rowOf(sha256Of(one))).toMatchObject({ size: 1000, state: 'stored' });
      expect(await rowOf(sha256Of(other))).toMatchObject({ size: 2000, state: 'stored' });
      expect(await buffer(await artifacts.open(sha256Of(other), { start: 10, end: 19 }))).toEqual(
        other.subarray(10, 20),
      );
      expect(await readdir(store.stagingDirectory)).toEqual([]);
    });

    test('again, which only makes them look fresh', async () => {
      const content = randomBytes(10);
      const sha256 = await stored(content);
      const past = new Date(Date.now() - 3_600_000);
      await setRow(sha256, { touchedAt: past, createdAt: past });
      await stored(content);
      const row = await rowOf(sha256);
      expect(row!.touchedAt.getTime()).toBeGreaterThan(past.getTime() + 3_000_000);
      expect(row!.createdAt).toEqual(past);
    });

    test('or not at all: what cannot be taken stays staged until it is discarded', async () => {
      const good = await staged(randomBytes(10));
      const lost = { ...(await staged(randomBytes(10))), path: join(store.stagingDirectory, 'lost') };
      await expect(artifacts.store([lost])).rejects.toMatchObject({ code: 'storage_unavailable' });
      await artifacts.discard([good, lost]);
      expect(await readdir(store.stagingDirectory)).toHaveLength(1);
    });

    test('a thousand at once', async () => {
      const files = await Promise.all(
        Array.from({ length: 1000 }, (_, i) => aStagedFile(store, Buffer.from(`content ${String(i)}`))),
      );
      await artifacts.store(files);
      expect(await dataSource.getRepository(Artifact).countBy({ state: 'stored' })).toBe(1000);
      expect(await readdir(store.stagingDirectory)).toEqual([]);
    });
  });

  describe('are touched', () => {
    test('only when they are there', async () => {
      const there = await stored(randomBytes(10));
      const absent = 'f'.repeat(64);
      const touching = dataSource.transaction((transaction) =>
        artifacts.touch([there, absent, there], transaction),
      );
      await expect(touching).rejects.toMatchObject({ details: { sha256: absent } });
      await dataSource.transaction((transaction) => artifacts.touch([there, there], transaction));
    });

    test('not while they are being removed', async () => {
      const sha256 = await stored(randomBytes(10));
      await setRow(sha256, { state: 'deleting' });
      await expect(pointAt(sha256)).rejects.toBeInstanceOf(ContentMissingError);
    });
  });

  describe('are swept', () => {
    test('when no file points at them and nobody touched them for long', async () => {
      const [unused, used, fresh] = [
        await stored(randomBytes(100)),
        await stored(randomBytes(200)),
        await stored(randomBytes(300)),
      ];
      await pointAt(used);
      const past = new Date(Date.now() - 7_200_000);
      for (const sha256 of [unused, used]) await setRow(sha256, { touchedAt: past });
      expect(await sweep.run(HOUR)).toEqual({ ...NOTHING, artifacts: 1, bytes: 100 });
      expect([await isStored(unused), await rowOf(unused)]).toEqual([false, null]);
      for (const sha256 of [used, fresh]) {
        expect(await isStored(sha256)).toBe(true);
        expect(await rowOf(sha256)).toMatchObject({ state: 'stored' });
      }
      expect(await sweep.run(HOUR)).toEqual(NOTHING);
    });

    test('in any number', async () => {
      await artifacts.store(
        await Promise.all(Array.from({ length: 1203 }, (_, i) => aStagedFile(store, Buffer.from(String(i))))),
      );
      expect(await sweep.run(ANY_TIME)).toMatchObject({ artifacts: 1203, failed: 0 });
      expect(await dataSource.getRepository(Artifact).count()).toBe(0);
    }, 30_000);

    test('when a process died after it had marked or removed them', async () => {
      const [marked, removed] = [await stored(randomBytes(10)), await stored(randomBytes(20))];
      for (const sha256 of [marked, removed]) await setRow(sha256, { state: 'deleting' });
      await store.remove(removed);
      expect(await sweep.run(HOUR)).toMatchObject({ artifacts: 2, bytes: 30 });
    });

    test('not when a file came to point at them after they were marked', async () => {
      const sha256 = await stored(randomBytes(10));
      await dataSource.getRepository(StoredFile).insert(fileRow(sha256));
      await setRow(sha256, { state: 'deleting' });
      expect(await sweep.run(ANY_TIME)).toEqual(NOTHING);
      expect(await rowOf(sha256)).toMatchObject({ state: 'stored' });
      expect(await isStored(sha256)).toBe(true);
    });

    test('when they have no row', async () => {
      const lone = await aStagedFile(store, randomBytes(10));
      await store.adopt(lone);
      expect(await sweep.run(HOUR)).toEqual(NOTHING);
      const past = new Date(Date.now() - 7_200_000);
      await utimes(await store.localFile(lone.sha256), past, past);
      expect(await sweep.run(HOUR)).toEqual({
        ...NOTHING,
        artifacts: 1,
        bytes: 10,
        strays: 1,
      });
      expect(await isStored(lone.sha256)).toBe(false);
    });

    test('together with files that were staged and abandoned, whatever times they carry', async () => {
      const path = join(store.stagingDirectory, 'abandoned');
      await writeFile(path, 'x');
      await utimes(path, 0, 0);
      expect(await sweep.run(HOUR)).toMatchObject({ staged: 0 });
      expect(await sweep.run({ ...HOUR, abandonedForSeconds: -1 })).toMatchObject({ staged: 1 });
      expect(await readdir(store.stagingDirectory)).toEqual([]);
    });

    test('as far as the storage lets it; the rest stays marked', async () => {
      const [broken, fine] = [await stored(randomBytes(10)), await stored(randomBytes(20))];
      store.beforeRemove = (sha256) =>
        sha256 === broken ? Promise.reject(new Error('EIO')) : Promise.resolve();
      expect(await sweep.run(ANY_TIME)).toMatchObject({ artifacts: 1, bytes: 20, failed: 1 });
      expect(await rowOf(broken)).toMatchObject({ state: 'deleting' });
      expect(await rowOf(fine)).toBeNull();
      store.beforeRemove = () => Promise.resolve();
      expect(await sweep.run(ANY_TIME)).toMatchObject({ artifacts: 1, failed: 0 });
    });

    test('until it is told to stop', async () => {
      await stored(randomBytes(10));
      await expect(sweep.run({ ...ANY_TIME, signal: AbortSignal.abort() })).rejects.toThrow('aborted');
      expect(await dataSource.getRepository(Artifact).countBy({ state: 'stored' })).toBe(1);
    });
  });

  describe('stored at the moment of their sweep', () => {
    test('are written anew', async () => {
      const content = randomBytes(1000);
      const sha256 = await stored(content);
      const again = await staged(content);
      let storing: Promise<void> | undefined;
      let isDone = false;
      store.beforeRemove = async () => {
        // The row is locked and checked; from here on the bytes go.
        storing = artifacts.store([again]).finally(() => (isDone = true));
        // Without the lock it would be done long before as many writes to the same disk.
        for (let round = 0; round < 100; round += 1) await store.check();
        expect(isDone).toBe(false);
      };
      expect(await sweep.run(ANY_TIME)).toMatchObject({ artifacts: 1 });
      await storing;
      expect(await rowOf(sha256)).toMatchObject({ state: 'stored' });
      expect(await buffer(await artifacts.open(sha256))).toEqual(content);
    });

    test('are kept when they were only marked', async () => {
      const content = randomBytes(1000);
      const sha256 = await stored(content);
      await setRow(sha256, { state: 'deleting' });
      await stored(content);
      expect(await sweep.run(HOUR)).toEqual(NOTHING);
      expect(await isStored(sha256)).toBe(true);
    });

    test('are never lost, however often it happens', async () => {
      const contents = Array.from({ length: 4 }, (_, i) => Buffer.from(`content ${String(i)}`));
      let running = 6;
      let swept = 0;
      const register = async (content: Buffer): Promise<void> => {
        const sha256 = await stored(content);
        try {
          await pointAt(sha256);
        } catch (error) {
          // Swept between storing and pointing: possible only because this sweep waits for no hour.
          if (!(error instanceof ContentMissingError)) throw error;
          await register(content);
          return;
        }
        expect(await buffer(await artifacts.open(sha256))).toEqual(content);
      };
      const runs = Array.from({ length: running }, async (_, worker) => {
        // The sweep must have found one that nothing pointed at, however they fall together.
        for (let round = 0; round < 25 || (swept === 0 && round < 2000); round += 1) {
          const content = contents[(worker + round) % contents.length]!;
          await register(content);
          if (round % 2 === 0)
            await dataSource.query(`DELETE FROM files WHERE sha256 = sha256($1)`, [content]);
        }
        running -= 1;
      });
      while (running > 0) swept += (await sweep.run(ANY_TIME)).artifacts;
      await Promise.all(runs);
      expect(swept).toBeGreaterThan(0);
      await sweep.run(ANY_TIME);
      const rows = await dataSource.query<{ file: string }[]>(
        `SELECT DISTINCT encode(sha256, 'hex') AS file FROM files ORDER BY 1`,
      );
      const kept = [];
      for await (const { sha256 } of store.list()) kept.push(sha256);
      expect(kept.sort()).toEqual(rows.map(({ file }) => file));
      expect(await dataSource.getRepository(Artifact).count()).toBe(kept.length);
    }, 60_000);
  });
});
