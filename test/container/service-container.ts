import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { promisify } from 'node:util';
import { CONTAINER_TOOL } from '../../scripts/testing/image.mjs';
import { PROJECT_ROOT } from '../../src/config/index.js';
import { childrenOf, descendantsOf, describeProcess } from '../engine/processes.js';
import type { Child, Role, ServiceProcess } from '../support/service-process.js';
import { OPTIONS_FOR_ROOMS, RUN_OPTIONS, tool } from './container-tool.js';

/** The user of the image. */
const UID = '10001';
/** What runs beside it on this machine is reached as if it were no container. The image's own is every address. */
const ADDRESSES = { HOST: '127.0.0.1', ENGINE_HOST: '127.0.0.1' };

/** A container of the image, in the network of this machine, with its data where a test looks for them. */
export class ServiceContainer implements ServiceProcess {
  private constructor(
    private readonly name: string,
    readonly child: Child,
  ) {}

  static async start(
    image: string,
    role: Role,
    env: Readonly<Record<string, string>>,
  ): Promise<ServiceContainer> {
    const { DATA_DIR: data = '' } = env;
    // A test may have put something there, as root. Links are those of code that ran: they are not followed.
    await promisify(execFile)('chown', ['--recursive', '--no-dereference', `${UID}:${UID}`, data]);
    const name = `mntdata-test-${randomBytes(6).toString('hex')}`;
    const settings = Object.entries({ ...ADDRESSES, ...env });
    const options = [
      ...['--rm', '--name', name, '--network', 'host', ...OPTIONS_FOR_ROOMS, ...RUN_OPTIONS],
      '--no-healthcheck', // it would look for a port that tests leave to the machine
      ...settings.flatMap(([key, value]) => ['--env', `${key}=${value}`]),
      ...['--volume', `${data}:${data}`],
      ...settings
        .filter(([, value]) => isFile(value))
        .flatMap(([, path]) => ['--volume', `${path}:${path}:ro`]),
    ];
    const child = spawn(CONTAINER_TOOL, ['run', ...options, image, role], {
      cwd: PROJECT_ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ServiceContainer(name, child);
  }

  async pid(): Promise<number> {
    for (const pid of await childrenOf(await this.init())) {
      if ((await describeProcess(pid)).command.includes('docker/entrypoint.mjs')) return pid;
    }
    throw new Error(`The container ${this.name} runs nothing.`);
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    // Only this one cannot be handed on by the client, which would leave the container alone.
    if (signal === 'SIGKILL') await tool('kill', '--signal', 'KILL', this.name);
    else this.child.kill(signal);
  }

  async pidHere(inside: number): Promise<number> {
    for (const pid of await descendantsOf(await this.init())) {
      if ((await pidInContainer(pid)) === inside) return pid;
    }
    throw new Error(`The container ${this.name} has no process ${String(inside)}.`);
  }

  /** The first process of the container. */
  private async init(): Promise<number> {
    const { code, text } = await tool('inspect', '--format', '{{.State.Pid}}', this.name);
    if (code !== 0) throw new Error(`The container ${this.name} is not there: ${text}`);
    return Number(text);
  }
}

/** A setting that names a file is about one that the container must have. */
function isFile(value: string): boolean {
  return isAbsolute(value) && (statSync(value, { throwIfNoEntry: false })?.isFile() ?? false);
}

/** Linux tells the ids of a process from the outermost namespace to its own, proc(5). */
async function pidInContainer(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '');
  const inside = /^NSpid:\t\d+\t(\d+)/m.exec(status)?.[1];
  return inside === undefined ? null : Number(inside);
}
