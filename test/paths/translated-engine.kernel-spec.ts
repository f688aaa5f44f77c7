import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../../src/execution/engine/engine.js';
import { describeEngine, type EngineSubject } from '../engine/engine.contract.js';
import type { PlainJupyterServer } from '../engine/plain-jupyter-server.js';
import { RecordingListener } from '../engine/recording-listener.js';
import { SHARED, translatedEngine, translatedServer } from './twin-kernels.js';

const DIRECTORY = '0123456789abcdef0123456789abcdef';

async function translatedSubject(): Promise<EngineSubject> {
  const workspaces = await mkdtemp(join(tmpdir(), 'mntdata-shared-'));
  const server = await translatedServer(workspaces);
  return {
    engine: translatedEngine(server),
    makeDirectory: async (name) => await mkdir(join(workspaces, name)),
    killServer: async () => await server.kill(),
    tearDown: async () => {
      await server.stop();
      await rm(workspaces, { recursive: true });
    },
  };
}

describeEngine('TranslatedEngine on a plain Jupyter server', translatedSubject, {
  loneSurrogates: false,
  refuseLongMessages: false,
});

describe('an engine whose kernels see workspaces under another name', () => {
  let workspaces: string;
  let server: PlainJupyterServer;
  let engine: Engine;

  beforeAll(async () => {
    workspaces = await mkdtemp(join(tmpdir(), 'mntdata-shared-'));
    await mkdir(join(workspaces, DIRECTORY));
    server = await translatedServer(workspaces);
    engine = translatedEngine(server);
  }, 60_000);

  afterAll(async () => {
    await engine.stop();
    await server.stop();
    await rm(workspaces, { recursive: true });
  }, 60_000);

  it('runs code in the workspace, also in a kernel that another process started', async () => {
    const kernel = await engine.startKernel({ directory: DIRECTORY });
    const first = new RecordingListener();
    await kernel.execute(`import os; open('/mnt/data/x', 'w').write('here'); os.getcwd()`, first);
    expect(first.displays[0]?.data).toEqual({ 'text/plain': "'/mnt/data'" });
    expect(await readFile(join(workspaces, DIRECTORY, 'x'), 'utf8')).toBe('here');

    kernel.detach();
    const again = await engine.attach(kernel.id, DIRECTORY);
    const second = new RecordingListener();
    await again?.execute(`print(open('/mnt/data/x').read(), os.path.realpath('x'))`, second);
    expect(second.out).toBe('here /mnt/data/x\n');
    await again?.shutdown();
    expect(await engine.list()).toEqual([]);
  });

  it('keeps nothing back of code that ends, whatever seems to begin', async () => {
    const kernel = await engine.startKernel({ directory: DIRECTORY });
    const listener = new RecordingListener();
    const code = `import sys, time; print('${SHARED.slice(0, 9)}', end=''); print('/mnt', end='', file=sys.stderr); 1/0`;
    const reply = await kernel.execute(code, listener);
    expect([listener.out, listener.err]).toEqual([SHARED.slice(0, 9), '/mnt']);
    expect(reply.error?.name).toBe('ZeroDivisionError');
    const died = new RecordingListener();
    // What was sent just before an end may end with it, so that the code waits until we have it.
    const dying = `import os, time; print('here\\n/mnt/sha', end='', flush=True)
while not os.path.exists('go'): time.sleep(0.01)
os._exit(1)`;
    const death = kernel.execute(dying, died);
    await died.printed('here');
    await writeFile(join(workspaces, DIRECTORY, 'go'), '');
    await expect(death).rejects.toThrow();
    expect(died.out).toBe('here\n/mnt/sha');
    await kernel.shutdown();
  });

  it('refuses a kernel that does not have the workspace there, and says why', async () => {
    const wrong = translatedEngine(server, '/mnt/elsewhere');
    await expect(wrong.startKernel({ directory: DIRECTORY })).rejects.toMatchObject({
      code: 'kernel_start_failed',
      cause: { message: expect.stringContaining(`/mnt/elsewhere/${DIRECTORY}`) as unknown },
    });
    expect(await engine.list()).toEqual([]);
  });

  it('refuses a name that is a link, whose end code would see, and says which', async () => {
    await symlink(SHARED, join(workspaces, 'link'));
    const linked = translatedEngine(server, `${SHARED}/link`);
    await expect(linked.startKernel({ directory: DIRECTORY })).rejects.toMatchObject({
      cause: { message: expect.stringContaining(`"${SHARED}/${DIRECTORY}"`) as unknown },
    });
  });
});
