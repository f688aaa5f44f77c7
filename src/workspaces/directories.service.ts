import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { violatedUnique } from '../database/index.js';
import { drawWorkspaceUid } from '../instance/index.js';
import { WorkspaceContent } from './content/index.js';
import type { Lease } from './lease.js';
import { LeasesService } from './leases.service.js';
import { Workspace, type WorkspaceState } from './workspace.entity.js';

const UID_INDEX = 'workspaces_os_uid';

/** The directories of workspaces. Nothing a client sends becomes a path: they have names of ours. */
@Injectable()
export class DirectoriesService {
  constructor(
    private readonly leases: LeasesService,
    private readonly content: WorkspaceContent,
  ) {}

  /** Makes sure that the leased workspace has its directory, with an owner of its own when run as root. */
  async ensure(workspace: Workspace, lease: Lease): Promise<Workspace & { directory: string }> {
    const opened = workspace.directory === null ? await this.assignDirectory(workspace, lease) : workspace;
    const directory = opened.directory ?? '';
    await this.content.create(directory, opened.osUid);
    return Object.assign(opened, { directory });
  }

  private async assignDirectory(workspace: Workspace, lease: Lease): Promise<Workspace> {
    for (;;) {
      const state: WorkspaceState = workspace.state === 'deleted' ? 'active' : workspace.state;
      const place = { ...newPlace(), state };
      try {
        await this.leases.transact(lease, async (manager) => {
          await manager.update(Workspace, { id: workspace.id }, place);
        });
        return Object.assign(workspace, place);
      } catch (error) {
        if (violatedUnique(error) !== UID_INDEX) throw error;
      }
    }
  }
}

/** A directory name that tells nothing, and the uid that will own it. */
export function newPlace(): { directory: string; osUid: number | null } {
  return { directory: randomBytes(16).toString('hex'), osUid: drawWorkspaceUid() };
}
