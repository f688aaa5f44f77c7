import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManagedEngine } from '../../src/execution/engine/managed-engine.js';
import type { ManagedServerSettings } from '../../src/execution/engine/managed-server.js';
import { EngineUnavailableError } from '../../src/execution/engine/engine.errors.js';
import { describeEngine, type EngineSubject } from './engine.contract.js';
import { LogBook } from './log-book.js';
import { childrenOf, describeProcess, isAlive } from './processes.js';
import { RecordingListener } from './recording-listener.js';

const PYTHON = join(import.meta.dirname, '../../.venv/bin/python');
/** A user of nobody's. */
const OWNER = 231_000;
const MEBIBYTE = 1024 * 1024;

interface Home {
  readonly settings: ManagedServerSettings;
  makeDirectory(name: string): Promise<void>;
  remove(): Promise<void>;
}

async function makeHome(): Promise<Home> {
  const root = await mkdtemp(join(tmpdir(), 'mntdata-engine-'));
  const workspaces = join(root, 'workspaces');
  const state = join(root, 'engine');
  await Promise.all([mkdir(workspaces), mkdir(state)]);
  const kernel = {
    memoryBytes: 2048 * MEBIBYTE,
    processes: 64,
    openFiles: 1024,
    fileBytes: 512 * MEBIBYTE,
    outputBytes: 8 * MEBIBYTE,
  };
  return {
    settings: { python: PYTHON, workspaces, state, sandbox: 'on', kernel, entrance: null },
    makeDirectory: async (name) => {
      await mkdir(join(workspaces, name), { mode: 0o700 });
      // As root, a kernel runs as the owner of its workspace.
      if (process.getuid?.() === 0) await chown(join(workspaces, name), OWNER, OWNER);
    },
    remove: async () => await rm(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** The server is the one child of ours that runs the runtime. */
async function serverPid(): Promise<number> {
  for (const pid of await childrenOf(process.pid)) {
    const { command } = await describeProcess(pid);
    if (command.includes('mntdata_runtime.server')) return pid;
  }
  throw new Error('the managed server does not run');
}

async function managedEngine(): Promise<EngineSubject> {
  const home = await makeHome();
  return {
    engine: new ManagedEngine({ server: home.settings, log: new LogBook() }),
    makeDirectory: home.makeDirectory,
    killServer: async () => {
      process.kill(await serverPid(), 'SIGKILL');
    },
    tearDown: home.remove,
  };
}

describeEngine('ManagedEngine', managedEngine, {
  loneSurrogates: true,
  refuseLongMessages: true,
});

describe('ManagedEngine as a supervisor', () => {
  let home: Home;
  let log: LogBook;
  let engine: ManagedEngine;

  beforeEach(async () => {
    home = await makeHome();
    log = new LogBook();
    engine = new ManagedEngine({ server: home.settings, log });
  });

  afterEach(async () => {
    await engine.stop();
    await home.remove();
  }, 60_000);

  it('starts the server again when it ends, and kernels after it', async () => {
    await home.makeDirectory('a');
    const before = await engine.startKernel({ directory: 'a' });
    const first = await serverPid();
    const died = new Promise((resolve) => before.onDeath(resolve));
    process.kill(first, 'SIGKILL');
    expect(await died).toMatchObject({ cause: 'engine_lost' });
    await before.shutdown();

    const listener = new RecordingListener();
    const after = await engine.startKernel({ directory: 'a' });
    await after.execute('print("again")', listener);
    expect(listener.out).toBe('again\n');
    expect(await serverPid()).not.toBe(first);
  }, 120_000);

  it('ends a server that does not answer any more, and starts another', async () => {
    await home.makeDirectory('a');
    const impatient = { silenceMs: 500, callMs: 1000, lossMs: 1000 };
    engine = new ManagedEngine({ server: home.settings, log, deadlines: impatient });
    const kernel = await engine.startKernel({ directory: 'a' });
    const listener = new RecordingListener();
    // Again and again: who is so impatient may connect anew while the kernel takes the code up, and miss a word.
    const code = 'import time\nwhile True: print("on", flush=True); time.sleep(0.1)';
    const running = kernel.execute(code, listener);
    await listener.printed('on');
    process.kill(await serverPid(), 'SIGSTOP');
    await expect(running).rejects.toMatchObject({ death: { cause: 'engine_lost' } });
    const again = await engine.startKernel({ directory: 'a' });
    expect(again.state).toBe('alive');
  }, 120_000);

  it('leaves no process behind when it stops', async () => {
    await home.makeDirectory('a');
    await engine.startKernel({ directory: 'a' });
    const pid = await serverPid();
    const ours = [pid, ...(await childrenOf(pid))];
    await engine.stop();
    expect(ours.filter(isAlive)).toEqual([]);
    expect(await engine.health()).toMatchObject({ ok: false });
    await expect(engine.startKernel({ directory: 'a' })).rejects.toBeInstanceOf(EngineUnavailableError);
  }, 120_000);

  it('shows the server nothing of our environment, and its arguments no token', async () => {
    process.env.OURS_ALONE = 'secret';
    await engine.start();
    const { command, environment } = await describeProcess(await serverPid());
    expect(command).not.toMatch(/[0-9a-f]{64}/);
    expect(environment.filter((entry) => !/^(MNTDATA|ENGINE)_/.test(entry)).sort()).toEqual([
      expect.stringMatching(/^JUPYTER_TOKEN=[0-9a-f]{64}$/),
      'LANG=C.UTF-8',
      expect.stringMatching(/^PATH=/),
    ]);
  }, 120_000);

  it('says what is wrong when the server does not start', async () => {
    const broken = new ManagedEngine({ server: { ...home.settings, workspaces: 'not absolute' }, log });
    await expect(broken.start()).rejects.toBeInstanceOf(EngineUnavailableError);
    expect(log.text).toContain('MNTDATA_WORKSPACES');
    expect(await broken.health()).toMatchObject({ ok: false });
    await broken.stop();
  }, 60_000);

  it('says so when there is no such Python', async () => {
    const broken = new ManagedEngine({ server: { ...home.settings, python: '/nowhere/python' }, log });
    await expect(broken.start()).rejects.toBeInstanceOf(EngineUnavailableError);
    expect(log.text).toContain('ENOENT');
    await broken.stop();
  });

  it('can be stopped while it starts, and started after', async () => {
    const starting = expect(engine.start()).rejects.toBeInstanceOf(EngineUnavailableError);
    await engine.stop();
    await starting;
    await engine.start();
    expect(await engine.health()).toMatchObject({ ok: true });
  }, 120_000);
});
