import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { childrenOf } from './processes.js';

const READY_MS = 60_000;

export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Its root: kernels start in directories below. */
  readonly workspaces: string;
  /** Answers as soon as the server is ready, whatever the status. */
  readonly probe: () => Promise<unknown>;
}

/** A server of kernels in a process of its own. */
export class ServerProcess {
  readonly #process: ChildProcessByStdio<null, null, Readable>;
  #log = '';

  private constructor(private readonly command: ServerCommand) {
    const { program, args, env, workspaces } = command;
    this.#process = spawn(program, args, {
      cwd: workspaces,
      detached: true,
      env: { ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-10_000);
    });
  }

  static async start(command: ServerCommand): Promise<ServerProcess> {
    const server = new ServerProcess(command);
    const until = Date.now() + READY_MS;
    while (Date.now() < until && server.#runs) {
      if (await command.probe().then(...YES_OR_NO)) return server;
      await delay(100);
    }
    await server.kill();
    throw new Error(`The server did not start. It said:\n${server.#log}`);
  }

  async makeDirectory(name: string): Promise<void> {
    await mkdir(join(this.command.workspaces, name), { recursive: true });
  }

  /** Resolves with the kernels' processes, once one of them is not among `known`. */
  async newKernelProcess(known: readonly number[]): Promise<number[]> {
    for (;;) {
      const pids = await childrenOf(this.#process.pid ?? 0);
      if (pids.some((pid) => !known.includes(pid))) return pids;
      await delay(50);
    }
  }

  /** By SIGKILL; its kernels, which do not always notice, are killed too. */
  async kill(): Promise<void> {
    if (!this.#runs) return;
    const kernels = await childrenOf(this.#process.pid ?? 0);
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
    for (const pid of kernels) killGroup(pid);
  }

  get #runs(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }
}

const YES_OR_NO = [() => true, () => false] as const;

/** Kernels lead groups of their own. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended with its server.
  }
}
