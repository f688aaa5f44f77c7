import { abortable, deadlineSignal, type EngineDeadlines } from './engine-deadlines.js';
import type { StartKernelOptions } from './engine.js';
import { EngineUnavailableError } from './engine.errors.js';
import { conditionOf, type JupyterApi } from './jupyter-api.js';
import { JupyterKernel } from './jupyter-kernel.js';
import type { Kernel, KernelDeath } from './kernel.js';
import { pidHere } from './kernel-room.js';
import { StartQueue } from './start-queue.js';

export interface JupyterKernelsOptions {
  readonly api: JupyterApi;
  /** Kernel spec to start; null takes the server's default. */
  readonly kernelName: string | null;
  /** For the launcher of the kernel in this directory of the server's, see `KernelRequest`. */
  readonly environmentFor: (directory: string) => Readonly<Record<string, string>>;
  /** Kernels that start at the same time. */
  readonly concurrentStarts: number;
  /** See `LinkOptions.ownServer`. */
  readonly ownServer: boolean;
  readonly deadlines: EngineDeadlines;
  /** A kernel was given up because the server cannot be reached. */
  readonly onUnreachable: () => void;
}

/** The kernels of one Jupyter server that we are connected to. */
export class JupyterKernels {
  readonly #connected = new Set<JupyterKernel>();
  readonly #starts: StartQueue;

  constructor(private readonly options: JupyterKernelsOptions) {
    this.#starts = new StartQueue(options.concurrentStarts);
  }

  /** @see Engine.startKernel */
  start({ directory, signal }: StartKernelOptions): Promise<JupyterKernel> {
    return this.#starts.run(async () => {
      const starting = this.#start(directory);
      try {
        return await abortable(starting, signal);
      } catch (error) {
        // The server goes on with a start that nobody waits for.
        void starting.then((kernel) => kernel.shutdown()).catch(() => undefined);
        throw error;
      }
    }, signal);
  }

  /** @see Engine.attach */
  async attach(kernelId: string): Promise<Kernel | null> {
    const model = await this.options.api.find(kernelId);
    if (conditionOf(model) === 'gone') return null;
    const { callMs } = this.options.deadlines;
    try {
      const kernel = await JupyterKernel.running({ ...this.options, kernelId }, AbortSignal.timeout(callMs));
      return await this.#keep(kernel, model?.room);
    } catch (error) {
      throw new EngineUnavailableError('The engine did not connect to the kernel.', error);
    }
  }

  /** All connected kernels die at once. */
  lose(death: KernelDeath): void {
    for (const kernel of [...this.#connected]) kernel.die(death);
  }

  async #start(directory: string): Promise<JupyterKernel> {
    const { api, deadlines, kernelName, environmentFor } = this.options;
    const deadline = deadlineSignal(deadlines.startMs);
    const environment = environmentFor(directory);
    const { id: kernelId, room } = await api.startKernel({ name: kernelName, directory, environment });
    try {
      return await this.#keep(await JupyterKernel.started({ ...this.options, kernelId }, deadline), room);
    } catch (error) {
      await api.endKernel(kernelId).catch(() => undefined);
      throw error;
    }
  }

  async #keep(kernel: JupyterKernel, room: unknown): Promise<JupyterKernel> {
    this.#connected.add(kernel);
    kernel.onDeath((death) => {
      this.#connected.delete(kernel);
      if (death.cause === 'engine_lost') this.options.onUnreachable();
    });
    Object.assign(kernel, { room: await pidHere(room) });
    return kernel;
  }
}
