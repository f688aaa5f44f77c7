import type { KernelEnd, KernelLimit, LimitMeans } from './engine.js';
import type { JupyterApi } from './jupyter-api.js';

interface RuntimeAnswer {
  readonly asked: Readonly<Record<KernelLimit['name'], number | null>>;
  readonly in_force: Readonly<Record<string, { readonly by: LimitMeans } | undefined>>;
  readonly libraries: Readonly<Record<string, string>>;
}

/** What our own Jupyter Server tells beside Jupyter's API (`server/runtime_api.py`). Nothing here rejects. */
export class RuntimeApi {
  constructor(private readonly api: JupyterApi) {}

  /** What was asked for, and by what means it holds; empty for a server that is not ours. Without rooms nothing holds. */
  async limits(): Promise<KernelLimit[]> {
    const answer = await this.ask<RuntimeAnswer>('mntdata/runtime');
    if (answer === null) return [];
    return Object.entries(answer.asked).map(([name, value]) => ({
      name: name as KernelLimit['name'],
      value,
      by: answer.in_force[name]?.by ?? 'nothing',
    }));
  }

  /** Versions of the Python libraries by name; null for a server that is not ours, or does not answer. */
  async libraries(): Promise<ReadonlyMap<string, string> | null> {
    const answer = await this.ask<RuntimeAnswer>('mntdata/runtime');
    return answer && new Map(Object.entries(answer.libraries));
  }

  /** It is known before anyone can hear of the kernel's death, and kept for minutes. */
  async howEnded(kernelId: string): Promise<KernelEnd | null> {
    const path = `mntdata/kernels/${encodeURIComponent(kernelId)}/end`;
    const end = await this.ask<{ exit_code: number | null; reason: string | null }>(path);
    return end && { exitCode: end.exit_code, outOfMemory: end.reason === 'memory' };
  }

  private async ask<T>(path: string): Promise<T | null> {
    return await this.api.ask<T>(path).catch(() => null);
  }
}
