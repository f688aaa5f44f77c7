// eslint-disable-next-line no-restricted-imports -- the engine's own state directory, which no kernel sees
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KernelEnd, KernelLimit, LimitMeans } from './engine.js';
import type { ManagedServerSettings } from './managed-server.js';

type Means = Readonly<Record<string, { readonly by: LimitMeans } | undefined>>;

/** What the managed server writes into its state directory for us to read, whole or not at all. */
export class RuntimeState {
  constructor(private readonly directory: string) {}

  /** What was asked for, and by what means the server says that it holds. Without rooms nothing does. */
  async limits(asked: ManagedServerSettings['kernel']): Promise<KernelLimit[]> {
    const means = ((await this.read('limits.json')) ?? {}) as Means;
    const values = {
      memory: asked.memoryBytes,
      processes: asked.processes,
      cpu: null,
      file: asked.fileBytes,
      open_files: asked.openFiles,
    };
    return Object.entries(values).map(([name, value]) => ({
      name: name as KernelLimit['name'],
      value,
      by: means[name]?.by ?? 'nothing',
    }));
  }

  /** The process whose end ends the kernel: pid 1 of its room, or itself where there are no rooms. */
  async roomOf(kernelId: string): Promise<number | null> {
    const pid = (await this.read(join('kernels', `${kernelId}.json`)))?.pid;
    return typeof pid === 'number' ? pid : null;
  }

  /** It is written before anyone can hear of the kernel's death, and kept for minutes. */
  async howEnded(kernelId: string): Promise<KernelEnd | null> {
    const record = await this.read(join('ended', `${kernelId}.json`));
    if (record === null) return null;
    const { exit_code: code, reason } = record;
    const exitCode = typeof code === 'number' ? code : null;
    return { exitCode, outOfMemory: reason === 'memory' };
  }

  private async read(name: string): Promise<Record<string, unknown> | null> {
    try {
      return JSON.parse(await readFile(join(this.directory, name), 'utf8')) as Record<string, unknown>;
    } catch {
      return null;
    }
  }
}
