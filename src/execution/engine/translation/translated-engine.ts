import { AnswerListener } from '../answer-listener.js';
import { DEFAULT_DEADLINES, deadlineSignal } from '../engine-deadlines.js';
import {
  Engine,
  type EngineHealth,
  type KernelEnd,
  type KernelLimit,
  type StartKernelOptions,
} from '../engine.js';
import { KernelStartError } from '../engine.errors.js';
import type { Kernel } from '../kernel.js';
import { PathTranslation } from './path-translation.js';
import { TranslatedKernel } from './translated-kernel.js';

export interface TranslationOptions {
  /** The name that code has for its workspace: `/mnt/data`. */
  readonly mount: string;
  /** The directory of all workspaces as kernels see it: absolute, without links. */
  readonly workspaces: string;
  readonly startMs?: number;
}

/**
 * An engine whose kernels see their workspace under another name than `/mnt/data`, with both names exchanged on the
 * way there and back.
 */
export class TranslatedEngine extends Engine {
  constructor(
    private readonly engine: Engine,
    private readonly options: TranslationOptions,
  ) {
    super();
  }

  start(signal?: AbortSignal): Promise<void> {
    return this.engine.start(signal);
  }

  stop(): Promise<void> {
    return this.engine.stop();
  }

  async startKernel(options: StartKernelOptions): Promise<Kernel> {
    const kernel = await this.engine.startKernel(options);
    try {
      await this.#enter(kernel, this.#inKernel(options.directory), options.signal);
      return this.#translated(kernel, options.directory);
    } catch (error) {
      await kernel.shutdown().catch(() => kernel.detach());
      throw error;
    }
  }

  async attach(kernelId: string, directory: string): Promise<Kernel | null> {
    const kernel = await this.engine.attach(kernelId, directory);
    return kernel && this.#translated(kernel, directory);
  }

  endKernel(kernelId: string): Promise<void> {
    return this.engine.endKernel(kernelId);
  }

  list(): Promise<string[]> {
    return this.engine.list();
  }

  health(): Promise<EngineHealth> {
    return this.engine.health();
  }

  override limits(): Promise<KernelLimit[]> {
    return this.engine.limits();
  }

  override howEnded(kernelId: string): Promise<KernelEnd | null> {
    return this.engine.howEnded(kernelId);
  }

  override libraries(): Promise<ReadonlyMap<string, string> | null> {
    return this.engine.libraries();
  }

  onLost(listener: (reason: string) => void): () => void {
    return this.engine.onLost(listener);
  }

  #inKernel(directory: string): string {
    return `${this.options.workspaces}/${directory}`;
  }

  #translated(kernel: Kernel, directory: string): Kernel {
    const names = { mount: this.options.mount, directory: this.#inKernel(directory) };
    return new TranslatedKernel(kernel, new PathTranslation(names));
  }

  /**
   * Makes the workspace the working directory, wherever the engine started the kernel, and finds out whether it is
   * there. A link on the way would give it a third name, which code gets from `os.getcwd()`, and nobody translates.
   *
   * @throws KernelStartError when the kernel cannot enter it, or sees it under another name; the cause tells which.
   */
  async #enter(kernel: Kernel, path: string, signal?: AbortSignal): Promise<void> {
    const { startMs = DEFAULT_DEADLINES.startMs } = this.options;
    const heard = new AnswerListener();
    const code = `__import__('os').chdir('${path}'); print(__import__('os').getcwd())`;
    await kernel.execute(code, heard, { silent: true, signal: deadlineSignal(startMs, signal) });
    const found = heard.printed.trim();
    if (found === path) return;
    const why = heard.failure ?? `Without links it is ${JSON.stringify(found.slice(0, 500))} there.`;
    throw new KernelStartError(
      'The kernel does not find its workspace where it should be.',
      new Error(`A kernel cannot work in ${path}, below KERNEL_WORKSPACES_DIR. ${why}`),
    );
  }
}
