import { randomBytes } from 'node:crypto';
import {
  access,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readlink,
  rm,
  stat,
  truncate,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { jest } from '@jest/globals';
import { artifactKey } from '../../src/storage/artifact-key.js';
import { DiskArtifactStore, StorageUnavailableError } from '../../src/storage/index.js';
import { stageStream } from '../../src/storage/staging.js';
import { aStagedFile, describeArtifactStore } from './artifact-store.contract.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mntdata-storage-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function openStore(): Promise<DiskArtifactStore> {
  const store = new DiskArtifactStore({
    root: join(directory, 'data', 'artifacts'),
    stagingDirectory: join(directory, 'data', 'staging'),
  });
  await store.prepare();
  return store;
}

const yes = (): boolean => true;
const no = (): boolean => false;

interface Sync {
  what: string;
  stored: boolean;
}

/** What Node syncs while something is done, between the marks that are told, and whether the artifact is there by then. */
async function syncsDuring(
  work: (tell: (mark: string) => Promise<void>) => Promise<void>,
  isStored: () => Promise<boolean>,
): Promise<Sync[]> {
  const seen: Sync[] = [];
  const handle = await open('/dev/null');
  const sync = jest.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'sync');
  await handle.close();
  const note = async (what: string): Promise<void> => void seen.push({ what, stored: await isStored() });
  sync.mockImplementation(async function (this: FileHandle) {
    await note(await readlink(`/proc/self/fd/${String(this.fd)}`));
  });
  try {
    await work(note);
  } finally {
    sync.mockRestore();
  }
  return seen;
}

describeArtifactStore('disk', openStore);

describe('artifacts on disk', () => {
  test('are private files in private directories, at an address made of their hash', async () => {
    const store = await openStore();
    const staged = await aStagedFile(store, randomBytes(10));
    await store.adopt(staged);
    const [outer, inner] = [staged.sha256.slice(0, 2), staged.sha256.slice(2, 4)];
    const path = join(directory, 'data', 'artifacts', outer, inner, staged.sha256);
    expect(await store.localFile(staged.sha256)).toBe(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    for (let parent = join(path, '..'); parent !== directory; parent = join(parent, '..')) {
      expect((await stat(parent)).mode & 0o777).toBe(0o700);
    }
    expect((await stat(store.stagingDirectory)).mode & 0o777).toBe(0o700);
  });

  test('survive a power failure: the bytes are synced before the name, the name before it is told', async () => {
    const store = await openStore();
    const content = randomBytes(10);
    const stored = (): Promise<boolean> => access(path).then(yes, no);
    let path = '';
    const synced = await syncsDuring(async (tell) => {
      const staged = await stageStream(store.stagingDirectory, Readable.from([content]), { maxBytes: 10 });
      path = join(directory, 'data/artifacts', artifactKey(staged.sha256));
      await tell('staged');
      await store.adopt(staged);
      await tell('adopted');
    }, stored);
    const shard = dirname(path);
    expect(synced).toEqual([
      { what: expect.stringContaining(store.stagingDirectory) as string, stored: false },
      { what: 'staged', stored: false },
      { what: dirname(shard), stored: false },
      { what: dirname(dirname(shard)), stored: false },
      { what: shard, stored: true },
      { what: 'adopted', stored: true },
    ]);
  });

  test('torn by a crash are healed by the next one who stores them', async () => {
    const store = await openStore();
    const content = randomBytes(5000);
    const staged = await aStagedFile(store, content);
    await store.adopt(staged);
    await truncate(await store.localFile(staged.sha256), 4096);
    await store.adopt(await aStagedFile(store, content));
    expect((await buffer(await store.read(staged.sha256))).equals(content)).toBe(true);
  });

  test('are told apart from what does not belong there', async () => {
    const store = await openStore();
    const root = join(directory, 'data', 'artifacts');
    await mkdir(join(root, 'ab', 'cd', 'f'.repeat(64)), { recursive: true });
    await writeFile(join(root, 'README'), '');
    await writeFile(join(root, 'ab', 'cd', 'note.txt'), '');
    const listed = [];
    for await (const artifact of store.list()) listed.push(artifact);
    expect(listed).toEqual([]);
  });

  test('that cannot be reached make the check fail', async () => {
    const store = await openStore();
    await rm(join(directory, 'data'), { recursive: true });
    await expect(store.check()).rejects.toBeInstanceOf(StorageUnavailableError);
  });

  test('take no more memory than they have bytes', async () => {
    const store = await openStore();
    const staged = await aStagedFile(store, randomBytes(10_000));
    await store.adopt(staged);
    const pieces: Buffer[] = [];
    for await (const piece of (await store.read(staged.sha256)) as AsyncIterable<Buffer>) pieces.push(piece);
    expect(pieces.map((piece) => piece.buffer.byteLength)).toEqual([10_000]);
  });

  test('leave no descriptor open, read to the end or not', async () => {
    const store = await openStore();
    const staged = await aStagedFile(store, randomBytes(3_000_000));
    await store.adopt(staged);
    const before = (await readdir('/proc/self/fd')).length;
    for (let round = 0; round < 20; round += 1) {
      await buffer(await store.read(staged.sha256));
      const left = await store.read(staged.sha256);
      if (round % 2 === 0) left.read(1);
      left.destroy();
      await new Promise((closed) => left.once('close', closed));
    }
    expect((await readdir('/proc/self/fd')).length).toBeLessThanOrEqual(before);
  });
});
