import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { ServiceContainer } from '../container/service-container.js';

/** What a process becomes: the service, or the engine alone. */
export type Role = 'start' | 'engine';

export type Child = ChildProcessByStdio<null, Readable, Readable>;

/** The service or the engine in a process of its own. */
export interface ServiceProcess {
  /** Says what it says, and ends when it has ended. */
  readonly child: Child;
  /** Its id on this machine, once it is ready. */
  pid(): Promise<number>;
  kill(signal: NodeJS.Signals): Promise<void>;
  /** The id on this machine of a process that it knows by `pid`. */
  pidHere(pid: number): Promise<number>;
}

/** From the sources, or in a container of the image that TEST_SERVICE_IMAGE names. */
export async function startProcess(
  role: Role,
  env: Readonly<Record<string, string>>,
): Promise<ServiceProcess> {
  const { TEST_SERVICE_IMAGE: image } = process.env;
  return image === undefined ? new Program(role, env) : await ServiceContainer.start(image, role, env);
}

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const MAIN: Record<Role, string> = { start: here('service-main.ts'), engine: here('engine-main.ts') };

/** A process of Node.js with the sources. */
class Program implements ServiceProcess {
  readonly child: Child;

  constructor(role: Role, env: Readonly<Record<string, string>>) {
    const { PATH = '', HOME = '' } = process.env;
    this.child = spawn(process.execPath, ['--import', here('typescript.mjs'), MAIN[role]], {
      env: { PATH, HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  pid(): Promise<number> {
    return Promise.resolve(this.child.pid ?? 0);
  }

  kill(signal: NodeJS.Signals): Promise<void> {
    this.child.kill(signal);
    return Promise.resolve();
  }

  pidHere(pid: number): Promise<number> {
    return Promise.resolve(pid);
  }
}
