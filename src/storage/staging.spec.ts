import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { stageStream } from './staging.js';
import { ContentTooLargeError, StorageUnavailableError } from './storage.errors.js';

describe('staging a stream', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mntdata-staging-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  test('writes and hashes in one pass', async () => {
    const content = randomBytes(300_000);
    const pieces = [content.subarray(0, 7), content.subarray(7, 200_000), content.subarray(200_000)];
    const staged = await stageStream(directory, Readable.from(pieces), { maxBytes: content.length });
    expect(staged.size).toBe(content.length);
    expect(staged.sha256).toBe(createHash('sha256').update(content).digest('hex'));
    expect((await readFile(staged.path)).equals(content)).toBe(true);
    expect((await stat(staged.path)).mode & 0o777).toBe(0o600);
  });

  test('takes an empty stream', async () => {
    const staged = await stageStream(directory, Readable.from([]), { maxBytes: 0 });
    expect(staged).toMatchObject({ size: 0, sha256: createHash('sha256').digest('hex') });
  });

  test('refuses one byte too many and leaves nothing', async () => {
    const staging = stageStream(directory, Readable.from([randomBytes(11)]), { maxBytes: 10 });
    await expect(staging).rejects.toBeInstanceOf(ContentTooLargeError);
    expect(await readdir(directory)).toEqual([]);
  });

  test("passes the stream's own error on and leaves nothing", async () => {
    const source = new Readable({
      read() {
        this.destroy(new Error('the client went away'));
      },
    });
    await expect(stageStream(directory, source, { maxBytes: 10 })).rejects.toThrow('the client went away');
    expect(await readdir(directory)).toEqual([]);
  });

  test('can be aborted', async () => {
    const abort = new AbortController();
    const endless = new Readable({
      read() {
        this.push(randomBytes(10));
        abort.abort();
      },
    });
    const staging = stageStream(directory, endless, { maxBytes: Infinity, signal: abort.signal });
    await expect(staging).rejects.toMatchObject({ name: 'AbortError' });
    expect(endless.destroyed).toBe(true);
    expect(await readdir(directory)).toEqual([]);
  });

  test('says that the storage is not there', async () => {
    const staging = stageStream(join(directory, 'absent'), Readable.from([]), { maxBytes: 10 });
    await expect(staging).rejects.toBeInstanceOf(StorageUnavailableError);
  });
});
