import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { WorkspaceContent } from './content/index.js';
import { LeasesService, type Leased } from './leases.service.js';
import { ManifestService } from './manifest.service.js';
import { WorkspaceLifecycle } from './workspace-lifecycle.js';
import { Workspace, type WorkspaceState } from './workspace.entity.js';

/** The end of a workspace: deleted by its owner, or closed by clean-up until it is used again. */
@Injectable()
export class ClosingService {
  constructor(
    private readonly leases: LeasesService,
    private readonly manifest: ManifestService,
    private readonly content: WorkspaceContent,
    private readonly lifecycle: WorkspaceLifecycle,
  ) {}

  /** Interrupts what runs, ends the kernel, removes directory and manifest; stored files stay. */
  async delete(workspace: Workspace): Promise<void> {
    await this.lifecycle.hooks.interrupt(workspace.id);
    const leased = await this.leases.acquire(workspace.id, { holder: randomUUID() });
    await this.leases.using(leased, async ({ workspace: current, lease }) => {
      await this.lifecycle.hooks.close(current, lease, { keepFiles: false });
      await this.leases.transact(lease, async (manager) => {
        await this.manifest.clear(manager, current.id);
        await manager.update(Workspace, { id: current.id }, this.closed('deleted'));
      });
      await this.removeDirectory(current);
    });
  }

  /** Closes an unused workspace: what it holds was collected, the directory goes, the manifest stays. */
  async expire(leased: Leased): Promise<void> {
    await this.leases.changing(leased, async ({ workspace, lease }) => {
      await this.lifecycle.hooks.close(workspace, lease, { keepFiles: true });
      return this.closed('expired');
    });
    await this.removeDirectory(leased.workspace);
  }

  private closed(state: WorkspaceState): Partial<Workspace> {
    const hadKernel = state === 'expired' ? {} : { hadKernel: false };
    return { state, directory: null, osUid: null, kernelId: null, ...hadKernel };
  }

  /** After the commit: a directory that no row names is swept at the next start if this is cut short. */
  private async removeDirectory(workspace: Workspace): Promise<void> {
    if (workspace.directory !== null) await this.content.remove(workspace.directory);
  }
}
