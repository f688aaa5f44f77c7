import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JupyterServerAddress } from '../../src/execution/engine/jupyter-requests.js';
import { freePort } from '../support/free-port.js';
import { PYTHON } from '../support/python-packages.js';
import { writeKernelSpecs } from './kernel-specs.js';
import { ServerProcess } from './server-process.js';

export interface PlainServerOptions {
  /** A free one if not given. */
  readonly port?: number;
  /** Where kernels start; a directory of its own if not given. */
  readonly workspaces?: string;
  /** Directories under names below `/mnt`, which only the server and its kernels see: name → directory. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** More of Jupyter's own settings. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** How it is reached and lets us in, where that differs from a token at `http://127.0.0.1:<port>/`. */
  readonly address?: JupyterServerAddress;
}

/** A Jupyter server as anyone installs it, with nothing of ours, in a directory of its own. */
export class PlainJupyterServer {
  private constructor(
    readonly address: JupyterServerAddress,
    private readonly root: string,
    private readonly process: ServerProcess,
  ) {}

  static async start(options: PlainServerOptions = {}): Promise<PlainJupyterServer> {
    const root = await mkdtemp(join(tmpdir(), 'mntdata-jupyter-'));
    const port = options.port ?? (await freePort());
    const workspaces = options.workspaces ?? join(root, 'workspaces');
    const address = options.address ?? {
      url: `http://127.0.0.1:${String(port)}/`,
      token: 'a-token-for-tests',
      password: null,
    };
    await mkdir(workspaces, { recursive: true });
    await writeKernelSpecs(root);
    const settings = {
      'ServerApp.ip': '127.0.0.1',
      'ServerApp.port': port,
      'ServerApp.port_retries': 0,
      'ServerApp.root_dir': workspaces,
      'ServerApp.allow_root': 'True',
      ...options.settings,
    };
    const command = [PYTHON, '-m', 'jupyter_server', ...argumentsOf(settings)];
    const [program = '', ...args] = [...mounting(options.mounts ?? {}), ...command];
    const process = await ServerProcess.start({
      program,
      args,
      env: environment(root, { JUPYTER_TOKEN: address.token ?? '' }),
      workspaces,
      // Without TLS: a server that does not trust us yet is there all the same.
      probe: async () => await fetch(`http://127.0.0.1:${String(port)}/`).catch(passTlsErrors),
    });
    return new PlainJupyterServer(address, root, process);
  }

  async makeDirectory(name: string): Promise<void> {
    await this.process.makeDirectory(name);
  }

  /** What it says of a kernel; null when it knows none by this id. */
  async kernelModel(id: string): Promise<{ execution_state: string; connections: number } | null> {
    const answer = await this.ask('GET', `api/kernels/${id}`);
    return answer.ok ? ((await answer.json()) as { execution_state: string; connections: number }) : null;
  }

  /** Any request of its HTTP interface, as somebody else who has the token. */
  async ask(method: string, path: string): Promise<Response> {
    const headers = { Authorization: `token ${String(this.address.token)}` };
    return await fetch(`${this.address.url}${path}`, { method, headers });
  }

  async newKernelProcess(known: readonly number[]): Promise<number[]> {
    return await this.process.newKernelProcess(known);
  }

  async kill(): Promise<void> {
    await this.process.kill();
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Runs what follows with these mounts, and ends all of it together. */
function mounting(mounts: Readonly<Record<string, string>>): string[] {
  const binds = Object.entries(mounts).flatMap(([name, directory]) => ['--bind', directory, name]);
  if (binds.length === 0) return [];
  const room = ['--dev-bind', '/', '/', '--tmpfs', '/mnt', ...binds, '--unshare-pid', '--die-with-parent'];
  return ['bwrap', ...room, '--'];
}

/** What a server of kernels needs, with a home of its own. */
export function environment(
  root: string,
  more: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
  return {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    HOME: root,
    IPYTHONDIR: root,
    JUPYTER_PATH: root,
    ...more,
  };
}

export function argumentsOf(settings: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(settings).map(([key, value]) => `--${key}=${String(value)}`);
}

/** A server with TLS closes a connection without: it is there. */
function passTlsErrors(error: unknown): void {
  const { code } = ((error as Error).cause ?? {}) as { code?: string };
  if (code !== 'UND_ERR_SOCKET' && code !== 'ECONNRESET') throw error;
}
