import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ContentMissingError, type ArtifactStore, type StagedFile } from '../../src/storage/index.js';

const MISSING = 'f'.repeat(64);

export async function aStagedFile(store: ArtifactStore, content: Buffer): Promise<StagedFile> {
  const path = join(store.stagingDirectory, randomUUID());
  await writeFile(path, content, { flush: true });
  return { path, sha256: createHash('sha256').update(content).digest('hex'), size: content.length };
}

/** What every adapter promises; `open` gives a prepared, empty store. */
export function describeArtifactStore(name: string, open: () => Promise<ArtifactStore>): void {
  describe(`${name} keeps the promises of an artifact store`, () => {
    let store: ArtifactStore;

    beforeEach(async () => {
      store = await open();
    });

    const adopted = async (content: Buffer): Promise<StagedFile> => {
      const staged = await aStagedFile(store, content);
      await store.adopt(staged);
      return staged;
    };

    const listed = async (): Promise<Map<string, number>> => {
      const found = new Map<string, number>();
      for await (const { sha256, size } of store.list()) found.set(sha256, size);
      return found;
    };

    test.each([
      ['empty content', 0],
      ['one byte', 1],
      ['content of several pieces', 3 * 1024 * 1024 + 17],
      ['content of several parts of an upload', 17 * 1024 * 1024],
    ])('gives back %s as it came', async (_, size) => {
      const content = randomBytes(size);
      const { sha256 } = await adopted(content);
      const read = await buffer(await store.read(sha256));
      expect(read.equals(content)).toBe(true);
    });

    test.each([
      [0, 0],
      [0, 9],
      [5, 1_500_000],
      [1_999_999, 1_999_999],
      [0, 1_999_999],
    ])('gives bytes %i to %i, both included', async (start, end) => {
      const content = randomBytes(2_000_000);
      const { sha256 } = await adopted(content);
      const read = await buffer(await store.read(sha256, { start, end }));
      expect(read.equals(content.subarray(start, end + 1))).toBe(true);
    });

    test('consumes what was staged, also when the content is there already', async () => {
      const content = randomBytes(1000);
      const first = await adopted(content);
      const second = await adopted(content);
      await expect(access(first.path)).rejects.toThrow('ENOENT');
      await expect(access(second.path)).rejects.toThrow('ENOENT');
      expect(await listed()).toEqual(new Map([[first.sha256, 1000]]));
    });

    test('takes the same content from many at once', async () => {
      const content = randomBytes(100_000);
      const staged = await Promise.all(Array.from({ length: 8 }, () => aStagedFile(store, content)));
      await Promise.all(staged.map((file) => store.adopt(file)));
      expect(await listed()).toEqual(new Map([[staged[0]?.sha256, 100_000]]));
      expect(await readdir(store.stagingDirectory)).toEqual([]);
    });

    test('says that content is missing before it streams', async () => {
      await expect(store.read(MISSING)).rejects.toBeInstanceOf(ContentMissingError);
      await expect(store.read(MISSING, { start: 0, end: 3 })).rejects.toBeInstanceOf(ContentMissingError);
      await expect(store.localFile(MISSING)).rejects.toBeInstanceOf(ContentMissingError);
    });

    test('has a local file for programs that copy by path', async () => {
      const content = randomBytes(50_000);
      const { sha256 } = await adopted(content);
      const paths = await Promise.all(Array.from({ length: 4 }, () => store.localFile(sha256)));
      for (const path of paths) expect((await readFile(path)).equals(content)).toBe(true);
    });

    test('forgets removed content and takes it again', async () => {
      const content = randomBytes(10);
      const { sha256 } = await adopted(content);
      await store.localFile(sha256);
      await store.remove(sha256);
      await store.remove(sha256);
      await expect(store.read(sha256)).rejects.toBeInstanceOf(ContentMissingError);
      await expect(store.localFile(sha256)).rejects.toBeInstanceOf(ContentMissingError);
      expect(await listed()).toEqual(new Map());
      await adopted(content);
      expect((await buffer(await store.read(sha256))).equals(content)).toBe(true);
    });

    test('lists all content with its size and time', async () => {
      const before = Date.now() - 2000;
      const sizes = [0, 5, 4096];
      const files = await Promise.all(sizes.map((size) => adopted(randomBytes(size))));
      expect(await listed()).toEqual(new Map(files.map(({ sha256, size }) => [sha256, size])));
      for await (const { modifiedAt } of store.list()) {
        expect(modifiedAt.getTime()).toBeGreaterThan(before);
        expect(modifiedAt.getTime()).toBeLessThan(Date.now() + 2000);
      }
    });

    test('can be left in the middle of a read', async () => {
      const { sha256 } = await adopted(randomBytes(5_000_000));
      const stream = await store.read(sha256);
      stream.destroy();
      await expect(buffer(stream)).rejects.toThrow();
      const untouched = await store.read(sha256);
      untouched.destroy();
      await new Promise((closed) => untouched.once('close', closed));
    });

    test('refuses names that are no SHA-256', async () => {
      for (const name of ['', '../../etc/passwd', 'F'.repeat(64), `${'f'.repeat(63)}/`]) {
        await expect(store.read(name)).rejects.toBeInstanceOf(TypeError);
      }
    });

    test('refuses files from outside its staging directory', async () => {
      await expect(store.adopt({ path: '/etc/hostname', sha256: MISSING, size: 1 })).rejects.toBeInstanceOf(
        TypeError,
      );
    });

    test('leaves the staged file when it cannot take it', async () => {
      const staged = await aStagedFile(store, randomBytes(10));
      await expect(store.adopt({ ...staged, path: `${staged.path}-absent` })).rejects.toThrow();
      await access(staged.path);
      expect(await listed()).toEqual(new Map());
    });

    test('answers a check', async () => {
      await store.check();
      expect(await readdir(store.stagingDirectory)).toEqual([]);
    });
  });
}
