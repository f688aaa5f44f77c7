import { EventEmitter, once } from 'node:events';
import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/index.js';
import type { Warning } from '../../files/index.js';
import type { Workspace } from '../../workspaces/index.js';
import type { Kernel } from '../engine/index.js';

export interface HeldKernel {
  workspaceId: string;
  /** What its workspace is known by before its row is read, see `referenceOf`. */
  reference: string;
  directory: string;
  kernel: Kernel;
  /** `performance.now()` of the end of its last use. */
  lastUsed: number;
  busy: boolean;
  /** No run had it yet. */
  fresh: boolean;
  /** What its first run is to be told. */
  warnings: readonly Warning[];
}

/** The live kernels of this process, by workspace, and the places they take. */
@Injectable()
export class KernelRegistry {
  private readonly held = new Map<string, HeldKernel>();
  private readonly references = new Map<string, HeldKernel>();
  private readonly changes = new EventEmitter().setMaxListeners(0);
  private reserved = 0;

  constructor(@Inject(AppConfig) private readonly config: AppConfig) {}

  get(workspaceId: string): HeldKernel | undefined {
    const entry = this.held.get(workspaceId);
    return entry?.kernel.state === 'alive' ? entry : undefined;
  }

  /** Whether the workspace of this reference has a live kernel here. */
  hasReference(reference: string): boolean {
    return this.references.get(reference)?.kernel.state === 'alive';
  }

  /** Reserves the place of a kernel that is no workspace's yet; false when all are taken. */
  reserve(): boolean {
    if (this.held.size + this.reserved >= this.config.kernels.max) return false;
    this.reserved += 1;
    return true;
  }

  /** Gives a reserved place back (the start failed, the kernel ended). */
  unreserve(): void {
    this.reserved -= 1;
    this.changed();
  }

  /** Fills a reserved place. */
  add(entry: HeldKernel): void {
    this.reserved -= 1;
    this.held.set(entry.workspaceId, entry);
    this.references.set(entry.reference, entry);
    entry.kernel.onDeath(() => this.remove(entry));
  }

  remove(entry: HeldKernel): void {
    if (this.held.get(entry.workspaceId) === entry) this.held.delete(entry.workspaceId);
    if (this.references.get(entry.reference) === entry) this.references.delete(entry.reference);
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

/** Names a workspace as its unique index does. */
export function referenceOf({
  userId,
  kind,
  externalId,
}: Pick<Workspace, 'userId' | 'kind' | 'externalId'>): string {
  return JSON.stringify([userId, kind, externalId]);
}
