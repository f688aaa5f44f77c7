import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Collection, CollectAnswer } from './collection.js';
import type { PlaceItem } from './placement.js';
import { WorkspaceContent } from './workspace-content.js';

const PYTHON = process.env.MNTDATA_TEST_PYTHON ?? resolve('.venv/bin/python');
const LIMITS = { maxFileBytes: 1 << 30, maxFiles: 1000, trackedExtensions: '*' as const };
const HUGE = 2 ** 40;

const digest = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

function found(answer: CollectAnswer): Collection {
  if ('needManifest' in answer) throw new Error('The manifest is needed.');
  return answer;
}

describe('WorkspaceContent', () => {
  let base: string;
  let content: WorkspaceContent;
  let directory: string;
  let log: string;

  const inWorkspace = (name: string): string => join(base, 'workspaces', directory, name);
  const staged = async (): Promise<string[]> =>
    (await readdir(join(base, 'staging'), { recursive: true })).filter((name) => !name.startsWith('helper-'));
  const open = (python: string): WorkspaceContent =>
    new WorkspaceContent({
      python,
      workspacesRoot: join(base, 'workspaces'),
      stagingRoot: join(base, 'staging'),
      trashRoot: join(base, 'trash'),
      log: (text) => (log += text),
    });

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'mntdata-content-'));
    log = '';
    content = open(PYTHON);
    await content.start();
    directory = randomBytes(16).toString('hex');
    await content.create(directory, null);
  });

  afterEach(async () => {
    await content.stop();
    await rm(base, { recursive: true });
  });

  /** The pid of the helper, as its parent's children tell. */
  async function helperPid(): Promise<number> {
    const children = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8');
    for (const pid of children.trim().split(' ')) {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
      if (command.includes(base)) return Number(pid);
    }
    throw new Error('There is no helper.');
  }

  async function placed(name: string, bytes: Buffer): Promise<PlaceItem> {
    const artifact = join(base, digest(bytes));
    await writeFile(artifact, bytes);
    return { path: Buffer.from(name), artifact, sha256: digest(bytes), uid: null, ifTaken: 'fail' };
  }

  it('makes a private directory', async () => {
    const status = await stat(inWorkspace('.'));
    expect(status.mode & 0o777).toBe(0o700);
    expect(await content.list()).toEqual([directory]);
  });

  it('collects, settles and finds only what changed since', async () => {
    await mkdir(inWorkspace('sub'));
    await writeFile(inWorkspace('sub/a.csv'), 'one');
    await writeFile(inWorkspace('gone.csv'), 'gone');
    const first = found(
      await content.collect(directory, { generation: 0, manifest: [], limits: LIMITS, writableBy: 1 }),
    );
    expect(first.created.map(({ path }) => path.toString())).toEqual(['gone.csv', 'sub/a.csv']);
    expect(first.totals).toEqual({ files: 2, bytes: 7, directories: 1 });
    expect(await readFile(first.created[1]!.staged!, 'utf8')).toBe('one');
    await content.settle(directory, 0, 1);

    await writeFile(inWorkspace('sub/a.csv'), 'two');
    await rm(inWorkspace('gone.csv'));
    await symlink('/etc/passwd', inWorkspace('link'));
    const second = found(await content.collect(directory, { generation: 1, limits: LIMITS }));
    expect(second.created).toEqual([]);
    expect(second.modified).toMatchObject([{ size: 3, sha256: digest(Buffer.from('two')) }]);
    expect(second.deleted).toEqual([Buffer.from('gone.csv')]);
    expect(second.leftOut).toMatchObject([{ path: Buffer.from('link'), code: 'symlink' }]);
  });

  it('asks for a manifest it does not hold, and compares with the rows it gets', async () => {
    await writeFile(inWorkspace('a.csv'), 'one');
    const options = { generation: 7, limits: LIMITS };
    expect(await content.collect(directory, options)).toEqual({ needManifest: true });
    const row = { size: 3, mtimeNs: null, ctimeNs: null, inode: null, racy: true };
    const sha256 = createHash('sha256').update('one').digest();
    const manifest = [{ ...row, path: Buffer.from('a.csv'), sha256 }];
    const answer = found(await content.collect(directory, { ...options, manifest }));
    expect([answer.created, answer.modified]).toEqual([[], []]);
    expect(answer.refreshed).toMatchObject([{ path: Buffer.from('a.csv'), sha256: sha256.toString('hex') }]);
    await content.settle(directory, 7, 8);
    expect(found(await content.collect(directory, { generation: 8, limits: LIMITS })).refreshed).toEqual([]);
  });

  it('carries names that are no UTF-8', async () => {
    const path = Buffer.from([0x61, 0xff, 0x0a, 0xfe]);
    const item = { ...(await placed('x', Buffer.from('bytes'))), path };
    expect(await content.place(directory, [item])).toMatchObject([{ outcome: 'placed' }]);
    const answer = found(await content.collect(directory, { generation: 0, manifest: [], limits: LIMITS }));
    expect(answer.created[0]!.path).toEqual(path);
  });

  it('places files and tells what was in the way', async () => {
    const bytes = Buffer.from('content');
    const items = [
      await placed('data/a.csv', bytes),
      await placed('data/a.csv', bytes),
      await placed('../a.csv', bytes),
    ];
    const outcomes = await content.place(directory, items);
    expect(outcomes).toMatchObject([
      { outcome: 'placed', stamps: { racy: true } },
      { outcome: 'taken', sha256: digest(bytes) },
      { outcome: 'failed', code: 'invalid_path' },
    ]);
    expect(await readFile(inWorkspace('data/a.csv'))).toEqual(bytes);
  });

  it('discards staged copies', async () => {
    await writeFile(inWorkspace('a.csv'), 'one');
    const answer = found(await content.collect(directory, { generation: 0, manifest: [], limits: LIMITS }));
    await content.discard([answer.created[0]!.staged!]);
    expect(await staged()).toEqual([]);
  });

  it('removes a workspace, once', async () => {
    await mkdir(inWorkspace('closed'), { mode: 0 });
    await chmod(inWorkspace('closed'), 0);
    expect(await content.remove(directory)).toBe(true);
    expect(await content.remove(directory)).toBe(false);
    expect(existsSync(inWorkspace('.'))).toBe(false);
    expect(await content.sweepTrash()).toBe(0);
  });

  it('says when the directory of a workspace is gone', async () => {
    await expect(content.usage('absent')).rejects.toMatchObject({ code: 'workspace_missing' });
  });

  it('writes and reads probes', async () => {
    await content.writeProbe(directory, '.probe', Buffer.from([0, 0xff]), null);
    expect(await content.readProbe(directory, '.probe')).toMatchObject({
      content: Buffer.from([0, 0xff]),
      uid: process.getuid?.(),
      mode: 0o644,
    });
    expect(await content.readProbe(directory, '.other')).toBeNull();
  });

  it('answers calls in any order and of any size', async () => {
    await Promise.all(
      Array.from({ length: 3000 }, (_, number) => writeFile(inWorkspace(`${'n'.repeat(200)}${number}`), '')),
    );
    const limits = { ...LIMITS, maxFiles: 1 };
    const collect = content.collect(directory, { generation: 0, manifest: [], limits });
    const usages = await Promise.all(Array.from({ length: 50 }, () => content.usage(directory)));
    expect(new Set(usages.map(({ files }) => files))).toEqual(new Set([3000]));
    const { created } = found(await collect);
    expect(created).toHaveLength(3000);
    const manifest = created.map(({ path, size, stamps }) => ({ path, size, ...stamps, sha256: null }));
    const again = found(await content.collect(directory, { generation: 1, manifest, limits }));
    expect([again.created, again.modified, again.deleted]).toEqual([[], [], []]);
  });

  describe('when a call is given up', () => {
    const limits = { ...LIMITS, maxFileBytes: HUGE };

    it('stops the helper and leaves no copy', async () => {
      await writeFile(inWorkspace('sparse'), '');
      await truncate(inWorkspace('sparse'), 100 * 2 ** 30);
      const controller = new AbortController();
      const options = { generation: 0, manifest: [], limits, signal: controller.signal };
      const collect = content.collect(directory, options);
      const reason = new Error('The lease was lost.');
      controller.abort(reason);
      await expect(collect).rejects.toBe(reason);
      // The workspace is free again only when the helper has stopped.
      await expect(content.remove(directory)).resolves.toBe(true);
      expect(await staged()).toEqual([]);
    });

    it('is not even sent when the signal fired before', async () => {
      const options = { generation: 0, limits, signal: AbortSignal.abort(new Error('before')) };
      await expect(content.collect(directory, options)).rejects.toThrow('before');
    });
  });

  describe('when the helper dies', () => {
    it('rejects what it was doing and starts another', async () => {
      const pid = await helperPid();
      process.kill(pid, 'SIGSTOP');
      const pending = content.usage(directory);
      process.kill(pid, 'SIGKILL');
      await expect(pending).rejects.toMatchObject({
        kind: 'unavailable',
        code: 'workspace_helper_unavailable',
      });
      expect(await content.usage(directory)).toEqual({ files: 0, bytes: 0, directories: 0 });
      expect(await helperPid()).not.toBe(pid);
      expect(log).toContain('started again');
    });

    it('survives that again and again', async () => {
      for (let round = 0; round < 3; round += 1) {
        process.kill(await helperPid(), 'SIGKILL');
        await content.usage(directory).catch(() => undefined);
        await content.list();
      }
      expect(await content.list()).toEqual([directory]);
    });
  });

  it('ends the helper when it is stopped, and can be started again', async () => {
    const pid = await helperPid();
    await content.stop();
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    await expect(content.list()).rejects.toMatchObject({ kind: 'unavailable' });
    await content.start();
    expect(await content.list()).toEqual([directory]);
  });

  it('does not start with a Python that cannot run it', async () => {
    const broken = open('/bin/false');
    await expect(broken.start()).rejects.toMatchObject({ kind: 'unavailable' });
    const absent = open('/nonexistent/python');
    await expect(absent.start()).rejects.toThrow('ENOENT');
    await expect(absent.list()).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
