import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { LeasesService, type Lease, type Workspace } from '../../workspaces/index.js';
import { Engine } from '../engine/index.js';
import { KernelRegistry, type HeldKernel } from './kernel-registry.js';
import { LateCollectionService } from './late-collection.service.js';

/** Enough that one of them is not taken up meanwhile. */
const CANDIDATES = 20;

/** The end of kernels. Before the variables go, what was written is collected. */
@Injectable()
export class KernelEndingService {
  private readonly logger = new Logger(KernelEndingService.name);

  constructor(
    private readonly engine: Engine,
    private readonly registry: KernelRegistry,
    private readonly leases: LeasesService,
    private readonly lateCollection: LateCollectionService,
  ) {}

  /** Ends the workspace's kernel, if it has one; the caller holds the lease. */
  async end(workspace: Workspace): Promise<void> {
    const held = this.registry.get(workspace.id);
    if (held) await this.shutDown(held);
    const { kernelId } = workspace;
    if (kernelId !== null && kernelId !== held?.kernel.id) await this.engine.endKernel(kernelId);
  }

  /** Ends, then collects; the caller holds the lease. */
  async close(workspace: Workspace, lease: Lease, { keepFiles }: { keepFiles: boolean }): Promise<void> {
    await this.end(workspace);
    // After its kernel ended, nothing writes there any more.
    if (keepFiles) await this.lateCollection.collect(workspace, lease, null);
  }

  /**
   * Collects and ends an idle kernel, or lets go of it where another process used it since; false when its workspace
   * is in use after all.
   *
   * @param idleSeconds how long nobody may have used it; without it any idle kernel is ended
   */
  async retire(held: HeldKernel, idleSeconds = 0): Promise<boolean> {
    return await this.retireIn(held.workspaceId, ({ kernelId, lastUsedAt }) => {
      // Until its first run ended, the row of a kernel of the managed engine does not name it.
      const isCurrent = kernelId === null || kernelId === held.kernel.id;
      const isIdle = Date.now() - lastUsedAt.getTime() >= idleSeconds * 1000;
      if (isCurrent && isIdle) return true;
      held.kernel.detach();
      this.registry.remove(held);
      return false;
    });
  }

  /** Ends the least recently used idle kernel of this process; false when all are in use. */
  async retireOne(): Promise<boolean> {
    for (const held of this.registry.idle()) {
      if (await this.retire(held)) return true;
    }
    return false;
  }

  /** The same for the kernels of all processes. */
  async retireAnyOne(): Promise<boolean> {
    for (const workspaceId of await this.leases.idleWithKernel(CANDIDATES)) {
      if (await this.retireIn(workspaceId, () => true)) return true;
    }
    return false;
  }

  /** @param isMeant asked under the lease */
  private async retireIn(workspaceId: string, isMeant: (workspace: Workspace) => boolean): Promise<boolean> {
    try {
      const leased = await this.leases.tryAcquire(workspaceId, randomUUID());
      if (!leased) return false;
      await this.leases.changing(leased, async ({ workspace, lease }) => {
        if (!isMeant(workspace)) return {};
        await this.close(workspace, lease, { keepFiles: true });
        return { kernelId: null };
      });
      return true;
    } catch (error) {
      this.logger.error(`Could not retire the kernel of workspace ${workspaceId}. ${String(error)}`);
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
