import type { ExecuteOptions, ExecuteReply, ExecutionListener, Kernel, KernelDeath } from '../kernel.js';
import type { PathTranslation } from './path-translation.js';
import { translatedError, TranslatedOutput } from './translated-output.js';

/** A kernel that has another name for the workspace; its users see `/mnt/data` only. */
export class TranslatedKernel implements Kernel {
  constructor(
    private readonly kernel: Kernel,
    private readonly paths: PathTranslation,
  ) {}

  get id(): string {
    return this.kernel.id;
  }

  get room(): number | null {
    return this.kernel.room;
  }

  get state(): 'alive' | 'dead' {
    return this.kernel.state;
  }

  async execute(code: string, listener: ExecutionListener, options?: ExecuteOptions): Promise<ExecuteReply> {
    const output = new TranslatedOutput(listener, this.paths);
    try {
      const reply = await this.kernel.execute(this.paths.code(code), output, options);
      return { ...reply, error: reply.error && translatedError(reply.error, this.paths) };
    } finally {
      if (options?.signal?.aborted !== true) output.flush();
    }
  }

  confirm(): Promise<void> {
    return this.kernel.confirm();
  }

  interrupt(): Promise<void> {
    return this.kernel.interrupt();
  }

  shutdown(): Promise<void> {
    return this.kernel.shutdown();
  }

  detach(): void {
    this.kernel.detach();
  }

  onDeath(listener: (death: KernelDeath) => void): () => void {
    return this.kernel.onDeath(listener);
  }
}
