import { posix } from 'node:path';
import { DEFAULT_DEADLINES, type EngineDeadlines } from './engine-deadlines.js';
import {
  Engine,
  type EngineHealth,
  type KernelEnd,
  type KernelLimit,
  type StartKernelOptions,
} from './engine.js';
import { JupyterApi } from './jupyter-api.js';
import { DETACHED } from './jupyter-kernel.js';
import { JupyterKernels } from './jupyter-kernels.js';
import type { JupyterServerAddress } from './jupyter-requests.js';
import type { Kernel } from './kernel.js';
import { kernelEnvironment } from './kernel-environment.js';
import { ENGINE_LOST } from './kernel-link.js';
import { kernelSpecHealth } from './kernel-spec-health.js';
import { Listeners } from './listeners.js';
import { RuntimeApi } from './runtime-api.js';

export interface RemoteEngineOptions {
  readonly server: JupyterServerAddress;
  /** Kernel spec to start; null takes the server's default. */
  readonly kernelName: string | null;
  /** Variables for the kernels' launcher, see `kernelEnvironment`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Path of the directory of all workspaces below the server's root; `.` if not given. */
  readonly workspacesPath?: string;
  /** Kernels that start at the same time; 4 if not given. */
  readonly concurrentStarts?: number;
  readonly deadlines?: Partial<EngineDeadlines>;
}

/**
 * A Jupyter server that someone else runs, perhaps our own (`npm run engine`), which tells more. Its kernels
 * survive us and are found again with `attach`.
 */
export class RemoteEngine extends Engine {
  readonly #api: JupyterApi;
  readonly #kernels: JupyterKernels;
  readonly #lost = new Listeners<string>();
  readonly #runtime: RuntimeApi;

  constructor(private readonly options: RemoteEngineOptions) {
    super();
    const deadlines = { ...DEFAULT_DEADLINES, ...options.deadlines };
    this.#api = new JupyterApi(options.server, deadlines);
    this.#runtime = new RuntimeApi(this.#api);
    this.#kernels = new JupyterKernels({
      api: this.#api,
      kernelName: options.kernelName,
      environmentFor: (path) => kernelEnvironment(options.environment ?? {}, posix.basename(path)),
      concurrentStarts: options.concurrentStarts ?? 4,
      ownServer: false,
      deadlines,
      onUnreachable: () => this.#lost.emit(ENGINE_LOST.message),
    });
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#kernels.lose(DETACHED);
    return Promise.resolve();
  }

  startKernel(options: StartKernelOptions): Promise<Kernel> {
    const directory = posix.join(this.options.workspacesPath ?? '.', options.directory);
    return this.#kernels.start({ ...options, directory });
  }

  attach(kernelId: string): Promise<Kernel | null> {
    return this.#kernels.attach(kernelId);
  }

  endKernel(kernelId: string): Promise<void> {
    return this.#api.endKernel(kernelId);
  }

  list(): Promise<string[]> {
    return this.#api.listKernels();
  }

  health(): Promise<EngineHealth> {
    return kernelSpecHealth(this.#api, this.options.kernelName);
  }

  override limits(): Promise<KernelLimit[]> {
    return this.#runtime.limits();
  }

  override howEnded(kernelId: string): Promise<KernelEnd | null> {
    return this.#runtime.howEnded(kernelId);
  }

  override libraries(): Promise<ReadonlyMap<string, string> | null> {
    return this.#runtime.libraries();
  }

  onLost(listener: (reason: string) => void): () => void {
    return this.#lost.add(listener);
  }
}
