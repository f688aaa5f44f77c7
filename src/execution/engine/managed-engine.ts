import { abortable, deadlineSignal, DEFAULT_DEADLINES, type EngineDeadlines } from './engine-deadlines.js';
import {
  Engine,
  type EngineHealth,
  type KernelEnd,
  type KernelLimit,
  type StartKernelOptions,
} from './engine.js';
import { EngineUnavailableError } from './engine.errors.js';
import { JupyterApi } from './jupyter-api.js';
import { JupyterKernels } from './jupyter-kernels.js';
import type { JupyterServerAddress } from './jupyter-requests.js';
import type { Kernel } from './kernel.js';
import { ENGINE_LOST } from './kernel-link.js';
import { kernelSpecHealth } from './kernel-spec-health.js';
import { Listeners } from './listeners.js';
import { MANAGED_KERNEL_NAME, managedServer, type ManagedServerSettings } from './managed-server.js';
import { RestartSchedule } from './restart-schedule.js';
import { RuntimeApi } from './runtime-api.js';
import { ServerProcess } from './server-process.js';

/** Nest's `Logger` is one. */
export interface EngineLog {
  debug(message: string): void;
  log(message: string): void;
  warn(message: string): void;
}

export interface ManagedEngineOptions {
  readonly server: ManagedServerSettings;
  readonly log: EngineLog;
  /** Kernels that start at the same time; 4 if not given. */
  readonly concurrentStarts?: number;
  readonly deadlines?: Partial<EngineDeadlines>;
}

/**
 * How long a server that runs may not answer before it is ended, with all its kernels. A server that ended is
 * noticed at once, so this is only about a busy machine.
 */
const PATIENCE_MS = 60_000;

/** One life of the server, from ready to its end. */
interface ServerLife {
  readonly since: number;
  readonly url: string;
  readonly process: ServerProcess;
  readonly api: JupyterApi;
  readonly kernels: JupyterKernels;
  readonly runtime: RuntimeApi;
}

/**
 * Runs a Jupyter server of its own as a child, starts it again whenever it ends, and answers with
 * `EngineUnavailableError` while that has to wait.
 */
export class ManagedEngine extends Engine {
  readonly #deadlines: EngineDeadlines;
  readonly #lost = new Listeners<string>();
  readonly #restarts = new RestartSchedule();
  #life: ServerLife | null = null;
  #lastEnd: Promise<unknown> = Promise.resolve();
  #starting: Promise<ServerLife> | null = null;
  #stopping = new AbortController();
  #trouble = 'The engine was not started.';

  constructor(private readonly options: ManagedEngineOptions) {
    super();
    this.#deadlines = { ...DEFAULT_DEADLINES, lossMs: PATIENCE_MS, ...options.deadlines };
  }

  async start(signal?: AbortSignal): Promise<void> {
    if (this.#stopping.signal.aborted) this.#stopping = new AbortController();
    await abortable(this.#alive(), signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new EngineUnavailableError('The engine is stopping.'));
    this.#restarts.cancel();
    await this.#starting?.catch(() => undefined);
    const life = this.#life;
    this.#life = null;
    life?.kernels.lose({ cause: 'shut_down', message: 'The service stopped the engine.' });
    await life?.process.stop();
    await this.#lastEnd;
  }

  async startKernel(options: StartKernelOptions): Promise<Kernel> {
    const life = await abortable(this.#alive(), options.signal);
    try {
      return await life.kernels.start(options);
    } catch (error) {
      if (error instanceof EngineUnavailableError) void this.#endIfStuck(life);
      throw error;
    }
  }

  async attach(kernelId: string): Promise<Kernel | null> {
    return (await this.#life?.kernels.attach(kernelId)) ?? null;
  }

  /** Without a server there is no kernel of ours: they end with it. */
  async endKernel(kernelId: string): Promise<void> {
    await this.#life?.api.endKernel(kernelId);
  }

  /** Where the server is; null while there is none. */
  get url(): string | null {
    return this.#life?.url ?? null;
  }

  async list(): Promise<string[]> {
    return (await this.#life?.api.listKernels()) ?? [];
  }

  async health(): Promise<EngineHealth> {
    if (!this.#life) return { ok: false, detail: this.#trouble };
    return await kernelSpecHealth(this.#life.api, MANAGED_KERNEL_NAME);
  }

  override async limits(): Promise<KernelLimit[]> {
    return (await this.#life?.runtime.limits()) ?? [];
  }

  override async libraries(): Promise<ReadonlyMap<string, string> | null> {
    return (await this.#life?.runtime.libraries()) ?? null;
  }

  override async howEnded(kernelId: string): Promise<KernelEnd | null> {
    return (await this.#life?.runtime.howEnded(kernelId)) ?? null;
  }

  onLost(listener: (reason: string) => void): () => void {
    return this.#lost.add(listener);
  }

  /** The life there is, or the one being started; starts one unless a restart has to wait. */
  async #alive(): Promise<ServerLife> {
    this.#stopping.signal.throwIfAborted();
    if (this.#life) return this.#life;
    if (this.#restarts.isWaiting) throw new EngineUnavailableError(this.#trouble);
    this.#starting ??= this.#launch().finally(() => {
      this.#starting = null;
    });
    return await this.#starting;
  }

  async #launch(): Promise<ServerLife> {
    await this.#lastEnd; // Two servers cannot share one state directory.
    this.#stopping.signal.throwIfAborted();
    const { command, token } = managedServer(this.options.server);
    const process = new ServerProcess(command, (line) => this.options.log.debug(line));
    this.#lastEnd = process.ended;
    try {
      const url = await process.ready(deadlineSignal(this.#deadlines.startMs, this.#stopping.signal));
      this.#life = this.#begin(process, { url, token, password: null });
      this.options.log.log('The managed Jupyter server is ready.');
      return this.#life;
    } catch (error) {
      await process.stop();
      this.#trouble = 'The managed Jupyter server does not start; the log says why.';
      this.options.log.warn(`${describe(error)} It said last:\n${process.lastLines}`);
      throw new EngineUnavailableError(this.#trouble, new Error(process.lastLines, { cause: error }));
    }
  }

  #begin(process: ServerProcess, address: JupyterServerAddress): ServerLife {
    const api = new JupyterApi(address, this.#deadlines);
    const kernels = new JupyterKernels({
      api,
      kernelName: MANAGED_KERNEL_NAME,
      environmentFor: () => ({}),
      concurrentStarts: this.options.concurrentStarts ?? 4,
      ownServer: true,
      deadlines: this.#deadlines,
      onUnreachable: () => this.#endLife(life, 'it does not answer'),
    });
    const { url } = address;
    const life: ServerLife = { since: Date.now(), url, process, api, kernels, runtime: new RuntimeApi(api) };
    // Who alone uses it notices by its own calls.
    const watch = this.options.server.entrance && setInterval(() => void this.#endIfStuck(life), PATIENCE_MS);
    void process.ended.then((how) => {
      if (watch) clearInterval(watch);
      this.#endLife(life, how);
    });
    return life;
  }

  /** A server that lives and does not answer would never be started again. */
  async #endIfStuck(life: ServerLife): Promise<void> {
    const { ok } = await kernelSpecHealth(life.api, MANAGED_KERNEL_NAME);
    if (!ok) this.#endLife(life, 'it does not answer');
  }

  #endLife(life: ServerLife, how: string): void {
    if (this.#life !== life) return;
    this.#life = null;
    life.process.kill();
    this.#trouble = 'The managed Jupyter server ended and is being restarted.';
    this.options.log.warn(
      `The managed Jupyter server was lost: ${how}. It said last:\n${life.process.lastLines}`,
    );
    this.#scheduleRestart(Date.now() - life.since);
    life.kernels.lose(ENGINE_LOST);
    this.#lost.emit(this.#trouble);
  }

  #scheduleRestart(lastedMs: number): void {
    this.#restarts.next(lastedMs, () => {
      this.#alive().catch(() => {
        if (!this.#stopping.signal.aborted) this.#scheduleRestart(0);
      });
    });
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
