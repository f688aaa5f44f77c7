import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../config/index.js';
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
    @Inject(AppConfig) private readonly config: AppConfig,
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
      const place = { ...newPlace(this.config.engine), state };
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

/**
 * A directory name that tells nothing, and the uid that will own it. Only what mounts workspaces runs kernels as
 * their owners: with translated paths kernels are those of somebody's server, and a uid of its own would shut them out.
 */
export function newPlace({ pathMode }: AppConfig['engine']): { directory: string; osUid: number | null } {
  const osUid = pathMode === 'mounted' ? drawWorkspaceUid() : null;
  return { directory: randomBytes(16).toString('hex'), osUid };
}
