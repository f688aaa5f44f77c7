import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { childrenOf } from './processes.js';

const PYTHON = join(import.meta.dirname, '../../.venv/bin/python');
const READY_MS = 30_000;

/** A Jupyter server as anyone installs it, with nothing of ours, in a directory of its own. */
export class PlainJupyterServer {
  readonly token = 'a-token-for-tests';
  readonly #process: ChildProcess;

  private constructor(
    readonly url: string,
    readonly root: string,
    port: number,
  ) {
    const options = { ip: '127.0.0.1', port, root_dir: join(root, 'workspaces'), allow_root: true };
    const args = Object.entries(options).map(([key, value]) => `--ServerApp.${key}=${String(value)}`);
    const environment = {
      PATH: process.env.PATH,
      LANG: 'C.UTF-8',
      HOME: root,
      IPYTHONDIR: root,
      JUPYTER_TOKEN: this.token,
    };
    this.#process = spawn(PYTHON, ['-m', 'jupyter_server', ...args, '--ServerApp.port_retries=0'], {
      cwd: root,
      detached: true,
      env: environment,
      stdio: 'ignore',
    });
  }

  static async start(): Promise<PlainJupyterServer> {
    const root = await mkdtemp(join(tmpdir(), 'mntdata-jupyter-'));
    await mkdir(join(root, 'workspaces'));
    const port = await freePort();
    const server = new PlainJupyterServer(`http://127.0.0.1:${String(port)}/`, root, port);
    await server.#answers();
    return server;
  }

  async makeDirectory(name: string): Promise<void> {
    await mkdir(join(this.root, 'workspaces', name), { recursive: true });
  }

  /** Resolves with the kernels' processes, once one of them is not among `known`. */
  async newKernelProcess(known: readonly number[]): Promise<number[]> {
    for (;;) {
      const pids = await childrenOf(this.#process.pid ?? 0);
      if (pids.some((pid) => !known.includes(pid))) return pids;
      await delay(50);
    }
  }

  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.root, { recursive: true, force: true, maxRetries: 5 });
  }

  async #answers(): Promise<void> {
    const until = Date.now() + READY_MS;
    while (Date.now() < until) {
      const answer = await fetch(`${this.url}api`).catch(() => null);
      if (answer?.ok) return;
      await delay(100);
    }
    throw new Error('the plain Jupyter server did not start');
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
