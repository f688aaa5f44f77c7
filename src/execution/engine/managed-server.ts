import { randomBytes } from 'node:crypto';
import type { ServerCommand } from './server-process.js';

/** What the managed server and its kernels may use. */
export interface ManagedServerSettings {
  /** Python of the runtime's environment, absolute. */
  readonly python: string;
  /** The directory whose direct children are the workspaces, absolute. */
  readonly workspaces: string;
  /** The server's own directory, absolute. */
  readonly state: string;
  readonly sandbox: 'on' | 'off';
  readonly kernel: {
    readonly memoryBytes: number;
    readonly processes: number;
    readonly openFiles: number;
    readonly fileBytes: number;
    /** Of each of stdout and stderr of one execution; the kernel sends no more of it. */
    readonly outputBytes: number;
  };
  /** Where others reach it; null for us alone, on loopback, with a token that is new at each start. */
  readonly entrance: ServerEntrance | null;
}

export interface ServerEntrance {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly token: string;
  /** How many kernels may live at a time, whoever asks for them. */
  readonly maxKernels: number;
  /** Kernels that nobody is connected to any more, because their process died, end after so long without use. */
  readonly idleSeconds: number;
}

/** The kernel spec the runtime brings. */
export const MANAGED_KERNEL_NAME = 'mntdata';

/** Where the programs the runtime needs are on the systems it runs on; our own PATH may hold anything. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** How to run the server, and the token it will want, which is never in an argument. */
export function managedServer(settings: ManagedServerSettings): { command: ServerCommand; token: string } {
  const { kernel } = settings;
  const entrance = settings.entrance ?? {
    host: '127.0.0.1',
    port: 0,
    token: randomBytes(32).toString('hex'),
  };
  const environment = {
    PATH,
    LANG: 'C.UTF-8',
    JUPYTER_TOKEN: entrance.token,
    ENGINE_HOST: entrance.host,
    ENGINE_PORT: String(entrance.port),
    MNTDATA_WORKSPACES: settings.workspaces,
    MNTDATA_STATE: settings.state,
    MNTDATA_SANDBOX: settings.sandbox,
    ...(settings.entrance && {
      MNTDATA_MAX_KERNELS: String(settings.entrance.maxKernels),
      MNTDATA_KERNEL_IDLE_SECONDS: String(Math.ceil(settings.entrance.idleSeconds)),
    }),
    MNTDATA_KERNEL_MEMORY_BYTES: String(kernel.memoryBytes),
    MNTDATA_KERNEL_PROCESSES: String(kernel.processes),
    MNTDATA_KERNEL_OPEN_FILES: String(kernel.openFiles),
    MNTDATA_KERNEL_FILE_BYTES: String(kernel.fileBytes),
    MNTDATA_KERNEL_OUTPUT_BYTES: String(kernel.outputBytes),
  };
  const args = ['-I', '-m', 'mntdata_runtime.server'];
  return { command: { program: settings.python, args, environment }, token: entrance.token };
}
