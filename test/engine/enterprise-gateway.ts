import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JupyterServerAddress } from '../../src/execution/engine/jupyter-requests.js';
import { freePort } from '../support/free-port.js';
import { installedBeside, PYTHON } from '../support/python-packages.js';
import { writeKernelSpecs } from './kernel-specs.js';
import { argumentsOf, environment } from './plain-jupyter-server.js';
import { ServerProcess } from './server-process.js';

const requirements = fileURLToPath(new URL('gateway-requirements.txt', import.meta.url));

export interface GatewayOptions {
  /** A free one if not given. */
  readonly port?: number;
  /** Where kernels start; a directory of its own if not given. */
  readonly workspaces?: string;
  /** More of its own settings. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** The same as variables (`EG_…`). */
  readonly env?: Readonly<Record<string, string>>;
}

/** Downloads it where that was not done yet, which takes a minute. @returns for PYTHONPATH */
export async function installedGateway(): Promise<string> {
  return await installedBeside('enterprise-gateway', requirements);
}

/** Enterprise Gateway with kernels on its own machine. */
export class EnterpriseGateway {
  private constructor(
    readonly address: JupyterServerAddress,
    private readonly root: string,
    private readonly process: ServerProcess,
  ) {}

  static async start(options: GatewayOptions = {}): Promise<EnterpriseGateway> {
    const packages = await installedGateway();
    const root = await mkdtemp(join(tmpdir(), 'mntdata-gateway-'));
    const port = options.port ?? (await freePort());
    const workspaces = options.workspaces ?? join(root, 'workspaces');
    await mkdir(workspaces, { recursive: true });
    await writeKernelSpecs(root);
    const url = `http://127.0.0.1:${String(port)}/`;
    const token = 'a-token-for-tests';
    const settings = {
      'EnterpriseGatewayApp.ip': '127.0.0.1',
      'EnterpriseGatewayApp.port': port,
      'EnterpriseGatewayApp.port_retries': 0,
      'EnterpriseGatewayApp.list_kernels': 'True',
      // A kernel that died is told, and not replaced by an empty one.
      'KernelRestarter.restart_limit': 0,
      'KernelRestarter.time_to_dead': 1,
      'KernelSpecManager.ensure_native_kernel': 'False',
      'RemoteMappingKernelManager.default_kernel_name': 'plain',
      ...options.settings,
    };
    const process = await ServerProcess.start({
      program: PYTHON,
      // Without the packages of the kernels, which are newer than it can stand.
      args: ['-S', '-m', 'enterprise_gateway', ...argumentsOf(settings)],
      env: environment(root, {
        PYTHONPATH: packages,
        EG_AUTH_TOKEN: token,
        EG_INHERITED_ENVS: 'PATH',
        ...options.env,
      }),
      workspaces,
      probe: async () => await fetch(`${url}api`),
    });
    return new EnterpriseGateway({ url, token, password: null }, root, process);
  }

  async makeDirectory(name: string): Promise<void> {
    await this.process.makeDirectory(name);
  }

  async kill(): Promise<void> {
    await this.process.kill();
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}
