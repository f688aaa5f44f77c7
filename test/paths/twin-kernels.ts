import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../../src/execution/engine/engine.js';
import type { Kernel } from '../../src/execution/engine/kernel.js';
import { RemoteEngine } from '../../src/execution/engine/remote-engine.js';
import { TranslatedEngine } from '../../src/execution/engine/translation/translated-engine.js';
import { PlainJupyterServer } from '../engine/plain-jupyter-server.js';

/** The name that the directory of workspaces has where kernels of `translatedServer` run. */
export const SHARED = '/mnt/shared/workspaces';

/** A plain server whose kernels see `workspaces` as `SHARED`, two levels below the server's root. */
export async function translatedServer(workspaces: string): Promise<PlainJupyterServer> {
  return await PlainJupyterServer.start({ workspaces: '/mnt', mounts: { [SHARED]: workspaces } });
}

export function translatedEngine(server: PlainJupyterServer, workspaces = SHARED): Engine {
  const remote = new RemoteEngine({
    server: server.address,
    kernelName: null,
    workspacesPath: 'shared/workspaces',
  });
  return new TranslatedEngine(remote, { mount: '/mnt/data', workspaces });
}

/** Two kernels of the same kind that run the same code: one sees its workspace at `/mnt/data`, one is translated. */
export class TwinKernels {
  private constructor(
    readonly mounted: Kernel,
    readonly translated: Kernel,
    /** Their workspaces, as this process sees them. */
    readonly directories: { readonly mounted: string; readonly translated: string },
    readonly remove: () => Promise<void>,
  ) {}

  static async start(): Promise<TwinKernels> {
    const root = await mkdtemp(join(tmpdir(), 'mntdata-twins-'));
    const directory = randomBytes(16).toString('hex');
    const directories = { mounted: join(root, 'mounted'), translated: join(root, 'workspaces', directory) };
    await Promise.all(Object.values(directories).map(async (path) => await mkdir(path, { recursive: true })));
    const servers = await Promise.all([
      PlainJupyterServer.start({ workspaces: '/mnt', mounts: { '/mnt/data': directories.mounted } }),
      translatedServer(join(root, 'workspaces')),
    ]);
    const engines = [
      new RemoteEngine({ server: servers[0].address, kernelName: null }),
      translatedEngine(servers[1]),
    ] as const;
    const [mounted, translated] = await Promise.all([
      engines[0].startKernel({ directory: 'data' }),
      engines[1].startKernel({ directory }),
    ]);
    return new TwinKernels(mounted, translated, directories, async () => {
      await Promise.all(engines.map(async (engine) => await engine.stop()));
      await Promise.all(servers.map(async (server) => await server.stop()));
      await rm(root, { recursive: true, force: true });
    });
  }
}
