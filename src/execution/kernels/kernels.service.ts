import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Warning } from '../../files/index.js';
import { LeasesService, type Lease, type Workspace } from '../../workspaces/index.js';
import { EngineFullError, type Kernel } from '../engine/index.js';
import type { KernelUse } from '../execution.entity.js';
import { KernelEndingService } from './kernel-ending.service.js';
import { KernelRegistry, referenceOf, type HeldKernel } from './kernel-registry.js';
import { KernelStarter, type StartedKernel } from './kernel-starter.service.js';
import { ReadyKernels, type ReadyKernel } from './ready-kernels.service.js';

/** How long a run waits for a place among the live kernels before it looks again by itself. */
const PLACE_POLL_MS = 1_000;

export interface AcquiredKernel {
  held: HeldKernel;
  use: KernelUse;
  warnings: readonly Warning[];
}

/** `taken`: its uid or directory is another workspace's. `unknown`: its place may be a workspace's by now. */
export type OfferFate = 'unused' | 'taken' | 'unknown';

type PlacedWorkspace = Workspace & { directory: string };

/**
 * The kernel of each workspace: kept while it lives, else the ready one whose directory became the workspace,
 * else started. Where all places are taken, a ready or idle one makes room.
 */
@Injectable()
export class KernelsService {
  constructor(
    private readonly registry: KernelRegistry,
    private readonly starter: KernelStarter,
    private readonly ready: ReadyKernels,
    private readonly ending: KernelEndingService,
    private readonly leases: LeasesService,
  ) {}

  /** The workspace's kernel for one run under this lease; give it back with `rest`. */
  async acquire(workspace: PlacedWorkspace, lease: Lease, signal: AbortSignal): Promise<AcquiredKernel> {
    const living = (await this.current(workspace)) ?? (await this.reattach(workspace, signal));
    const held = living ?? (await this.start(workspace, lease, signal));
    const { fresh, warnings } = held;
    Object.assign(held, { busy: true, fresh: false, warnings: [] });
    return { held, use: !fresh ? 'kept' : workspace.hadKernel ? 'restarted' : 'new', warnings };
  }

  /** From now on kernels wait ready for new messages. */
  keepReady(): void {
    this.ready.start(() => this.ending.retireOne());
  }

  rest(held: HeldKernel): void {
    this.registry.rest(held);
    this.ready.runEnded();
  }

  /** `idle`, `busy`, or null when the workspace has no live kernel in this process. */
  stateOf(workspaceId: string): 'idle' | 'busy' | null {
    const held = this.registry.get(workspaceId);
    return held ? (held.busy ? 'busy' : 'idle') : null;
  }

  list(): HeldKernel[] {
    return this.registry.all();
  }

  /** How many wait for new messages. */
  get readyCount(): number {
    return this.ready.count;
  }

  /** How many shall wait, by what new messages asked for lately. */
  get readyTarget(): number {
    return this.ready.target;
  }

  /**
   * A ready kernel whose place a workspace without directory may take, for `settleOffer` or `withdrawOffer`; null
   * when there is none, or the workspace has a kernel.
   */
  offerReady(workspace: Pick<Workspace, 'userId' | 'kind' | 'externalId'>): ReadyKernel | null {
    return this.registry.hasReference(referenceOf(workspace)) ? null : this.ready.take();
  }

  /** The statement that named the place was committed. */
  settleOffer(ready: ReadyKernel, workspace: Workspace): void {
    if (workspace.directory !== ready.directory) {
      this.ready.giveBack(ready);
      return;
    }
    this.registry.add(heldBy(workspace, ready.directory, ready));
    this.ready.adopted();
  }

  /** The statement that named the place failed. */
  withdrawOffer(ready: ReadyKernel, fate: OfferFate): void {
    if (fate === 'unused') this.ready.giveBack(ready);
    else if (fate === 'taken') void this.ready.discard(ready);
    else void this.ready.abandon(ready);
  }

  /** What this process has, unless another process gave the workspace another kernel since. */
  private async current({ id, kernelId }: Workspace): Promise<HeldKernel | undefined> {
    const held = this.registry.get(id);
    if (!held || !this.starter.kernelsSurvive) return held;
    if (held.kernel.id === kernelId) {
      await held.kernel.confirm();
      return this.registry.get(id);
    }
    this.registry.remove(held);
    held.kernel.detach();
    return undefined;
  }

  private async reattach(workspace: PlacedWorkspace, signal: AbortSignal): Promise<HeldKernel | null> {
    const { kernelId } = workspace;
    if (kernelId === null || !this.starter.kernelsSurvive) return null;
    return await this.inPlace(signal, async () => {
      const kernel = await this.starter.attach(kernelId, workspace.directory);
      return kernel && { ...heldBy(workspace, workspace.directory, kernel), fresh: false };
    });
  }

  private async start(workspace: PlacedWorkspace, lease: Lease, signal: AbortSignal): Promise<HeldKernel> {
    const { directory, hadKernel } = workspace;
    return await this.ready.whileRunWaits(!hadKernel, async () => {
      return await this.inPlace(signal, async () => {
        const started = await this.startWhenPossible(directory, signal);
        if (this.starter.kernelsSurvive) await this.record(workspace, lease, started.kernel);
        return heldBy(workspace, directory, started);
      });
    });
  }

  /** Where the engine has no place left, a kernel that nobody uses makes room, or the run waits. */
  private async startWhenPossible(directory: string, signal: AbortSignal): Promise<StartedKernel> {
    for (;;) {
      try {
        return await this.starter.start(directory, signal);
      } catch (error) {
        if (!(error instanceof EngineFullError)) throw error;
      }
      if (!(await this.ending.retireAnyOne())) await sleep(PLACE_POLL_MS, undefined, { signal });
    }
  }

  /** Before any code runs in it: who recovers this workspace must know what to end. */
  private async record(workspace: Workspace, lease: Lease, kernel: Kernel): Promise<void> {
    try {
      await this.leases.update(lease, { kernelId: kernel.id });
      Object.assign(workspace, { kernelId: kernel.id });
    } catch (error) {
      await kernel.shutdown().catch(() => kernel.detach());
      throw error;
    }
  }

  /** Fills a place among the live kernels, unless nothing comes to fill it. */
  private async inPlace<T extends HeldKernel | null>(
    signal: AbortSignal,
    make: () => Promise<T>,
  ): Promise<T> {
    await this.takePlace(signal);
    let held: T | null = null;
    try {
      held = await make();
      return held;
    } finally {
      if (held) this.registry.add(held);
      else this.registry.unreserve();
    }
  }

  /** Reserves a place; where all are taken, a kernel that nobody uses makes room, or the run waits. */
  private async takePlace(signal: AbortSignal): Promise<void> {
    while (!this.registry.reserve()) {
      signal.throwIfAborted();
      if ((await this.ready.giveUpOne()) || (await this.ending.retireOne())) continue;
      const tick = AbortSignal.any([signal, AbortSignal.timeout(PLACE_POLL_MS)]);
      await this.registry.nextChange(tick).catch(() => signal.throwIfAborted());
    }
  }
}

/** Not busy: only an acquired one is given back. */
function heldBy(workspace: Workspace, directory: string, { kernel, warnings }: StartedKernel): HeldKernel {
  return {
    workspaceId: workspace.id,
    reference: referenceOf(workspace),
    directory,
    kernel,
    lastUsed: performance.now(),
    busy: false,
    fresh: true,
    warnings,
  };
}
