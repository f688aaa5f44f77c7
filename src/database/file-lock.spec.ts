import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileLock, FileLockedError, LOCKERS, type Locker } from './file-lock.js';

describe('FileLock', () => {
  let directory: string;
  let path: string;

  const isFree = (): boolean => spawnSync('flock', ['-n', path, 'true']).status === 0;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'mntdata-lock-'));
    path = join(directory, 'a.lock');
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it('keeps others out until it is released', async () => {
    const lock = await FileLock.acquire(path);
    expect(isFree()).toBe(false);
    lock.release();
    lock.release();
    expect(isFree()).toBe(true);
  });

  it('names the file and the holder to who comes second', async () => {
    const lock = await FileLock.acquire(path);
    try {
      const error: unknown = await FileLock.acquire(path).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(FileLockedError);
      expect((error as Error).message).toContain(path);
      expect((error as Error).message).toContain(`process ${String(process.pid)} on `);
    } finally {
      lock.release();
    }
  });

  it('can be had again after it was released', async () => {
    (await FileLock.acquire(path)).release();
    (await FileLock.acquire(path)).release();
  });

  it.each(LOCKERS.map((locker) => [locker[0], locker] as const))(
    'can be taken with %s alone',
    async (_, locker) => {
      const lock = await FileLock.acquire(path, [locker]);
      await expect(FileLock.acquire(path, [locker])).rejects.toBeInstanceOf(FileLockedError);
      lock.release();
      (await FileLock.acquire(path, [locker])).release();
    },
  );

  it('tries the next program when one is not installed', async () => {
    const lock = await FileLock.acquire(path, [['no-such-program'], ...LOCKERS]);
    expect(isFree()).toBe(false);
    lock.release();
  });

  it('says what to install when there is none', async () => {
    const lockers: Locker[] = [['no-such-program'], ['nor-this-one']];
    await expect(FileLock.acquire(path, lockers)).rejects.toThrow(/install no-such-program or nor-this-one/);
    expect(isFree()).toBe(true);
  });

  it('tells why a program could not take it', async () => {
    const failing: Locker[] = [['sh', '-c', 'echo no locks on this file system >&2; exit 65']];
    await expect(FileLock.acquire(path, failing)).rejects.toThrow(
      /cannot be locked: no locks on this file system/,
    );
    expect(isFree()).toBe(true);
  });
});
