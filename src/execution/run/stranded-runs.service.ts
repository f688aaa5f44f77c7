import { Injectable, Logger } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { DomainError } from '../../errors/index.js';
import { CollectionService, type GatheredFiles } from '../../files/index.js';
import { LeasesService, Workspace, WorkspaceMissingError, type Lease } from '../../workspaces/index.js';
import { Execution } from '../execution.entity.js';
import { KernelEndingService } from '../kernels/kernel-ending.service.js';
import { LateCollectionService } from '../kernels/late-collection.service.js';
import { EMPTY_RECORD, encodeRecord } from './execution-record.js';

const ENDED = {
  code: 'service_ended',
  message:
    'The service ended while this code ran. Files that it had written are kept; run it again if needed.',
};

/** Ends the runs of a holder that vanished, under the lease that was inherited from it. */
@Injectable()
export class StrandedRunsService {
  private readonly logger = new Logger(StrandedRunsService.name);

  constructor(
    @InjectRepository(Execution) private readonly executions: Repository<Execution>,
    private readonly leases: LeasesService,
    private readonly kernels: KernelEndingService,
    private readonly collection: CollectionService,
    private readonly lateCollection: LateCollectionService,
  ) {}

  /** The kernel first, so that nothing writes any more; then the files; then the executions. */
  async recover(workspace: Workspace, lease: Lease): Promise<void> {
    await this.kernels.end(workspace);
    const stranded = await this.executions.find({
      where: { workspaceId: workspace.id, status: 'running' },
      order: { seq: 'ASC' },
    });
    if (stranded.length === 0)
      await this.asFarAsPossible(workspace, lease, () => this.lateCollection.collect(workspace, lease, null));
    else await this.finish(stranded, workspace, lease);
    this.logger.log(`Recovered workspace ${workspace.id} of an instance that ended.`);
  }

  private async finish(stranded: Execution[], workspace: Workspace, lease: Lease): Promise<void> {
    const last = stranded.at(-1);
    const gathered = await this.asFarAsPossible(workspace, lease, () => this.gather(workspace, lease));
    const generation = await this.leases.transact(lease, async (manager) => {
      const next =
        last && gathered ? await this.register(manager, workspace, last, gathered) : workspace.generation;
      for (const execution of stranded) {
        await this.markDied(manager, execution, execution === last ? gathered : null);
      }
      await manager.update(Workspace, { id: workspace.id }, { kernelId: null, hadKernel: true });
      return next;
    });
    if (gathered && workspace.directory !== null) {
      await this.collection.settle(workspace.directory, workspace.generation, generation);
    }
  }

  /**
   * What was written stays uncollected while there is no space for it: the manifest is unchanged, so the next
   * collection finds it. A directory that somebody removed is restored by the next run. In both cases the
   * workspace must not stay closed to its user.
   */
  private async asFarAsPossible<T>(
    workspace: Workspace,
    lease: Lease,
    collect: () => Promise<T>,
  ): Promise<T | null> {
    try {
      return await collect();
    } catch (error) {
      if (error instanceof WorkspaceMissingError) await this.closeLost(workspace, lease);
      else if (!(error instanceof DomainError) || error.kind !== 'storage_full') throw error;
      this.logger.warn(`Recovery could not collect workspace ${workspace.id}. ${error.message}`);
      return null;
    }
  }

  private async closeLost({ id }: Workspace, lease: Lease): Promise<void> {
    await this.leases.transact(lease, (manager) =>
      manager.update(Workspace, { id }, { state: 'expired', directory: null, osUid: null }),
    );
  }

  private async gather(workspace: Workspace, lease: Lease): Promise<GatheredFiles | null> {
    const { directory } = workspace;
    if (directory === null || workspace.state !== 'active') return null;
    return await this.collection.collect({ workspace: { ...workspace, directory }, lease }, null);
  }

  private async register(
    manager: EntityManager,
    workspace: Workspace,
    { id: executionId, userId, messageId, chatId, workspaceRef }: Execution,
    gathered: GatheredFiles,
  ): Promise<number> {
    if (!gathered.changed) return workspace.generation;
    const attribution = { userId, messageId, chatId, executionId, workspaceRef };
    return (await this.collection.register(manager, workspace.id, gathered, attribution)).generation;
  }

  private async markDied(
    manager: EntityManager,
    { id }: Execution,
    gathered: GatheredFiles | null,
  ): Promise<void> {
    const { files = [], deleted = [], warnings = [] } = gathered ?? {};
    const totals = { files: files.length, deleted: deleted.length, warnings: warnings.length, outputs: 0 };
    const output = await encodeRecord({ ...EMPTY_RECORD, deleted, warnings, totals });
    const reason = { reasonCode: ENDED.code, reasonMessage: ENDED.message };
    await manager.update(Execution, { id }, { ...reason, status: 'died', output, finishedAt: () => 'now()' });
  }
}
