import { EventEmitter, once } from 'node:events';
import type { Kernel } from '../engine/index.js';

export interface HeldKernel {
  workspaceId: string;
  directory: string;
  kernel: Kernel;
  /** `performance.now()` of the end of its last use. */
  lastUsed: number;
  busy: boolean;
}

/** The live kernels of this process, by workspace, and the places they take. */
export class KernelRegistry {
  private readonly held = new Map<string, HeldKernel>();
  private readonly changes = new EventEmitter().setMaxListeners(0);
  private starting = 0;

  constructor(private readonly max: number) {}

  get(workspaceId: string): HeldKernel | undefined {
    const entry = this.held.get(workspaceId);
    return entry?.kernel.state === 'alive' ? entry : undefined;
  }

  /** Reserves the place of a kernel that is about to start; false when all are taken. */
  reserve(): boolean {
    if (this.held.size + this.starting >= this.max) return false;
    this.starting += 1;
    return true;
  }

  /** Gives a reserved place back (the start failed). */
  unreserve(): void {
    this.starting -= 1;
    this.changed();
  }

  /** Fills a reserved place. */
  add(entry: HeldKernel): void {
    this.starting -= 1;
    this.held.set(entry.workspaceId, entry);
    entry.kernel.onDeath(() => this.remove(entry));
  }

  remove(entry: HeldKernel): void {
    if (this.held.get(entry.workspaceId) === entry) this.held.delete(entry.workspaceId);
    this.changed();
  }

  /** Marks the end of a use. */
  rest(entry: HeldKernel): void {
    entry.busy = false;
    entry.lastUsed = performance.now();
    this.changed();
  }

  /** Idle kernels, least recently used first. */
  idle(): HeldKernel[] {
    return [...this.held.values()].filter((entry) => !entry.busy).sort((a, b) => a.lastUsed - b.lastUsed);
  }

  all(): HeldKernel[] {
    return [...this.held.values()];
  }

  /** Resolves when a kernel came to rest or ended. */
  async nextChange(signal: AbortSignal): Promise<void> {
    await once(this.changes, 'change', { signal });
  }

  private changed(): void {
    this.changes.emit('change');
  }
}
