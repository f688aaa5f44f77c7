import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { LeasesService, Workspace, type Lease } from '../../workspaces/index.js';
import { Engine } from '../engine/index.js';
import { KernelRegistry, type HeldKernel } from './kernel-registry.js';
import { LateCollectionService } from './late-collection.service.js';

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
    else if (workspace.kernelId !== null) await this.engine.endKernel(workspace.kernelId);
  }

  /** Ends, then collects; the caller holds the lease. */
  async close(workspace: Workspace, lease: Lease, { keepFiles }: { keepFiles: boolean }): Promise<void> {
    await this.end(workspace);
    // After its kernel ended, nothing writes there any more.
    if (keepFiles) await this.lateCollection.collect(workspace, lease, null);
  }

  /** Collects and ends an idle kernel; false when its workspace is in use after all. */
  async retire(held: HeldKernel): Promise<boolean> {
    try {
      const leased = await this.leases.tryAcquire(held.workspaceId, randomUUID());
      if (!leased) return false;
      await this.leases.using(leased, async ({ workspace, lease }) => {
        await this.close(workspace, lease, { keepFiles: true });
        await this.leases.transact(lease, (manager) =>
          manager.update(Workspace, { id: workspace.id }, { kernelId: null }),
        );
      });
      return true;
    } catch (error) {
      this.logger.error(`Could not retire the kernel of workspace ${held.workspaceId}. ${String(error)}`);
      return false;
    }
  }

  /** Ends the least recently used idle kernel; false when all are in use. */
  async retireOne(): Promise<boolean> {
    for (const held of this.registry.idle()) {
      if (await this.retire(held)) return true;
    }
    return false;
  }

  private async shutDown(held: HeldKernel): Promise<void> {
    try {
      await held.kernel.shutdown();
    } finally {
      this.registry.remove(held);
    }
  }
}
