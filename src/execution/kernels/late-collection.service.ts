import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { CollectionService } from '../../files/index.js';
import { LeasesService, type Lease, type Workspace } from '../../workspaces/index.js';
import { Execution } from '../execution.entity.js';

/**
 * Collects what was written after the last run (by a thread, a child, a run that was cut short), before the
 * kernel or the directory goes. Such files belong to the message that last ran code in the workspace.
 */
@Injectable()
export class LateCollectionService {
  constructor(
    @InjectRepository(Execution) private readonly executions: Repository<Execution>,
    private readonly collection: CollectionService,
    private readonly leases: LeasesService,
  ) {}

  async collect(workspace: Workspace, lease: Lease, kernelPid: number | null): Promise<void> {
    const { directory } = workspace;
    // A workspace that was not restored yet holds less than its manifest says.
    if (directory === null || workspace.state !== 'active') return;
    const open = { workspace: { ...workspace, directory }, lease };
    const gathered = await this.collection.collect(open, kernelPid);
    if (!gathered.changed) return;
    const last = await this.executions.findOne({
      where: { workspaceId: workspace.id },
      order: { seq: 'DESC' },
    });
    const { generation } = await this.leases.transact(lease, (manager) =>
      this.collection.register(manager, workspace.id, gathered, {
        userId: workspace.userId,
        messageId: last?.messageId ?? (workspace.kind === 'message' ? workspace.externalId : null),
        chatId: last?.chatId ?? workspace.chatId,
        executionId: null,
        workspaceRef: workspace.externalId,
      }),
    );
    await this.collection.settle(directory, workspace.generation, generation);
    workspace.generation = generation;
  }
}
