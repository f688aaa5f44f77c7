import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { FilesService } from '../files/index.js';
import { ClosingService, Workspace, WorkspacesService } from '../workspaces/index.js';

/** Removes what users left. */
@Injectable()
export class UserDataService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly workspaces: WorkspacesService,
    private readonly closing: ClosingService,
    private readonly files: FilesService,
  ) {}

  /** Removes all that a user has here: workspaces, kernels, files, executions. Their API keys stay. */
  async delete(userId: string): Promise<void> {
    for (const workspace of await this.workspaces.ofUser(userId)) await this.closing.delete(workspace);
    await this.dataSource.transaction(async (manager) => {
      await this.files.deleteAll(manager, { userId });
      await manager.query(
        `DELETE FROM executions WHERE user_id = $1 AND status NOT IN ('queued', 'running')`,
        [userId],
      );
      await manager.delete(Workspace, { userId });
    });
  }
}
