import { Inject, Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../../config/index.js';
import type { Warning } from '../../files/index.js';
import { AnswerListener, Engine, KernelDiedError, KernelStartError, type Kernel } from '../engine/index.js';
import { CodeRun } from '../run/code-run.js';

export interface StartedKernel {
  kernel: Kernel;
  /** What the first run is to be told. */
  warnings: Warning[];
}

/** Starts kernels, and runs the admin's initial code in each of them, once. */
@Injectable()
export class KernelStarter {
  private readonly logger = new Logger(KernelStarter.name);

  constructor(
    private readonly engine: Engine,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  /** @throws what `Engine.startKernel` throws; KernelStartError when the initial code ends the kernel. */
  async start(directory: string, signal: AbortSignal): Promise<StartedKernel> {
    const kernel = await this.engine.startKernel({ directory, signal });
    const { initCode } = this.config.kernels;
    if (initCode === null) return { kernel, warnings: [] };
    const stop = (): void => {
      void kernel.shutdown().catch(() => kernel.detach());
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      return { kernel, warnings: await this.initialise(kernel, initCode) };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof KernelDiedError)) throw error;
      throw new KernelStartError('The kernel ended while it ran KERNEL_INIT_CODE.', error);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Whether kernels outlive this process, so that a workspace's may still be there. */
  get kernelsSurvive(): boolean {
    return this.config.engine.jupyterUrl !== null;
  }

  /** A kernel that was started before; null when it is gone. @throws what `Engine.attach` throws. */
  async attach(kernelId: string, directory: string): Promise<StartedKernel | null> {
    const kernel = await this.engine.attach(kernelId, directory);
    return kernel && { kernel, warnings: [] };
  }

  private async initialise(kernel: Kernel, code: string): Promise<Warning[]> {
    const listener = new AnswerListener();
    const run = new CodeRun(kernel, this.config.execution.timeoutSeconds * 1000);
    const { status, reason } = await run.execute(code, listener, { silent: true });
    if (status === 'ok') return [];
    if (kernel.state === 'dead') throw new KernelStartError(`KERNEL_INIT_CODE: ${reason?.message ?? status}`);
    const how = status === 'timeout' ? 'it took too long' : (listener.failure ?? status);
    this.logger.error(`KERNEL_INIT_CODE failed in a new kernel: ${how}`);
    const message = `The code that prepares every new kernel failed (${how}); what it provides may be missing.`;
    return [{ path: null, code: 'init_code_failed', message }];
  }
}
