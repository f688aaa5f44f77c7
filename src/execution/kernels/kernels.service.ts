import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AppConfig } from '../../config/index.js';
import { LeasesService, type Lease, type Workspace } from '../../workspaces/index.js';
import { Engine } from '../engine/index.js';
import type { KernelUse } from '../execution.entity.js';
import { KernelRegistry, type HeldKernel } from './kernel-registry.js';
import { LateCollectionService } from './late-collection.service.js';

/** How often idle kernels are looked at. */
const CULL_PERIOD_MS = 5_000;
/** How long a run waits for a place among the live kernels before it looks again by itself. */
const PLACE_POLL_MS = 1_000;

/**
 * The kernel of each workspace: kept while it lives, started when there is none, ended when idle for too long
 * or when another workspace needs its place. Before a kernel ends, what it wrote is collected.
 */
@Injectable()
export class KernelsService implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(KernelsService.name);
  private readonly registry: KernelRegistry;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly leases: LeasesService,
    private readonly lateCollection: LateCollectionService,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {
    this.registry = new KernelRegistry(config.kernels.max);
  }

  onModuleInit(): void {
    this.timer = setInterval(() => void this.cull(), CULL_PERIOD_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** The workspace's kernel for one run; give it back with `rest`. */
  async acquire(
    workspace: Workspace & { directory: string },
    signal: AbortSignal,
  ): Promise<{ held: HeldKernel; use: KernelUse }> {
    const living = this.registry.get(workspace.id) ?? (await this.reattach(workspace, signal));
    if (living) {
      living.busy = true;
      return { held: living, use: 'kept' };
    }
    const held = await this.start(workspace.id, workspace.directory, signal);
    return { held, use: workspace.hadKernel ? 'restarted' : 'new' };
  }

  rest(held: HeldKernel): void {
    this.registry.rest(held);
  }

  /** `idle`, `busy`, or null when the workspace has no live kernel in this process. */
  stateOf(workspaceId: string): 'idle' | 'busy' | null {
    const held = this.registry.get(workspaceId);
    return held ? (held.busy ? 'busy' : 'idle') : null;
  }

  list(): HeldKernel[] {
    return this.registry.all();
  }

  /** Ends the workspace's kernel, if it has one; the caller holds the lease. */
  async end(workspace: Workspace): Promise<void> {
    const held = this.registry.get(workspace.id);
    if (held) await this.shutDown(held);
    else if (workspace.kernelId !== null) await this.engine.endKernel(workspace.kernelId);
  }

  /** Collects, then ends; the caller holds the lease. */
  async close(workspace: Workspace, lease: Lease, { keepFiles }: { keepFiles: boolean }): Promise<void> {
    await this.end(workspace);
    // After its kernel ended, nothing writes there any more.
    if (keepFiles) await this.lateCollection.collect(workspace, lease, null);
  }

  private async reattach(
    workspace: Workspace & { directory: string },
    signal: AbortSignal,
  ): Promise<HeldKernel | null> {
    if (workspace.kernelId === null || this.config.engine.jupyterUrl === null) return null;
    await this.takePlace(signal);
    try {
      const kernel = await this.engine.attach(workspace.kernelId);
      if (kernel) return this.hold(workspace.id, workspace.directory, kernel);
    } catch (error) {
      this.registry.unreserve();
      throw error;
    }
    this.registry.unreserve();
    return null;
  }

  private async start(workspaceId: string, directory: string, signal: AbortSignal): Promise<HeldKernel> {
    await this.takePlace(signal);
    try {
      const kernel = await this.engine.startKernel({ directory, signal });
      return this.hold(workspaceId, directory, kernel);
    } catch (error) {
      this.registry.unreserve();
      throw error;
    }
  }

  private hold(workspaceId: string, directory: string, kernel: HeldKernel['kernel']): HeldKernel {
    const held: HeldKernel = { workspaceId, directory, kernel, lastUsed: performance.now(), busy: true };
    this.registry.add(held);
    return held;
  }

  /** Reserves a place; where all are taken, the least recently used idle kernel makes room, or the run waits. */
  private async takePlace(signal: AbortSignal): Promise<void> {
    while (!this.registry.reserve()) {
      signal.throwIfAborted();
      if (await this.evictOne()) continue;
      const tick = AbortSignal.any([signal, AbortSignal.timeout(PLACE_POLL_MS)]);
      await this.registry.nextChange(tick).catch(() => signal.throwIfAborted());
    }
  }

  private async evictOne(): Promise<boolean> {
    for (const held of this.registry.idle()) {
      if (await this.retire(held)) return true;
    }
    return false;
  }

  private async cull(): Promise<void> {
    const before = performance.now() - this.config.kernels.idleTimeoutSeconds * 1000;
    for (const held of this.registry.idle()) {
      if (held.lastUsed < before) await this.retire(held);
    }
  }

  /** Collects and ends an idle kernel; false when its workspace is in use after all. */
  private async retire(held: HeldKernel): Promise<boolean> {
    try {
      const leased = await this.leases.tryAcquire(held.workspaceId, randomUUID());
      if (!leased) return false;
      await this.leases.using(leased, ({ workspace, lease }) =>
        this.close(workspace, lease, { keepFiles: true }),
      );
      return true;
    } catch (error) {
      this.logger.error(`Could not retire the kernel of workspace ${held.workspaceId}. ${String(error)}`);
      return false;
    }
  }

  private async shutDown(held: HeldKernel): Promise<void> {
    try {
      await held.kernel.shutdown();
    } finally {
      this.registry.remove(held);
    }
  }
}
