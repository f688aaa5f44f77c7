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
}

/** The kernel spec the runtime brings. */
export const MANAGED_KERNEL_NAME = 'mntdata';

/** Where the programs the runtime needs are on the systems it runs on; our own PATH may hold anything. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** How to run the server, and the token it will want; the token is new each time and never in an argument. */
export function managedServer(settings: ManagedServerSettings): { command: ServerCommand; token: string } {
  const token = randomBytes(32).toString('hex');
  const { kernel } = settings;
  const environment = {
    PATH,
    LANG: 'C.UTF-8',
    JUPYTER_TOKEN: token,
    ENGINE_HOST: '127.0.0.1',
    ENGINE_PORT: '0',
    MNTDATA_WORKSPACES: settings.workspaces,
    MNTDATA_STATE: settings.state,
    MNTDATA_SANDBOX: settings.sandbox,
    MNTDATA_KERNEL_MEMORY_BYTES: String(kernel.memoryBytes),
    MNTDATA_KERNEL_PROCESSES: String(kernel.processes),
    MNTDATA_KERNEL_OPEN_FILES: String(kernel.openFiles),
    MNTDATA_KERNEL_FILE_BYTES: String(kernel.fileBytes),
    MNTDATA_KERNEL_OUTPUT_BYTES: String(kernel.outputBytes),
  };
  const args = ['-I', '-m', 'mntdata_runtime.server'];
  return { command: { program: settings.python, args, environment }, token };
}
