import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { AppConfig } from '../../config/index.js';
import { CollectionService, FilesService, type GatheredFiles } from '../../files/index.js';
import { InstanceService } from '../../instance/index.js';
import {
  LeasesService,
  Workspace,
  WorkspaceLifecycle,
  type Lease,
  type WorkspaceLifecycleHooks,
} from '../../workspaces/index.js';
import { Execution } from '../execution.entity.js';
import { KernelsService } from '../kernels/kernels.service.js';
import { LateCollectionService } from '../kernels/late-collection.service.js';
import { DispatcherService } from './dispatcher.service.js';
import { EMPTY_RECORD, encodeRecord } from './execution-record.js';
import { decodeRequest } from './execution-request.js';

const ENDED = {
  code: 'service_ended',
  message:
    'The service ended while this code ran. Files that it had written are kept; run it again if needed.',
};

/**
 * Nothing is lost when an instance vanishes: what it ran is ended, collected and told as `died`; what it had
 * queued is run here.
 */
@Injectable()
export class RecoveryService implements OnModuleInit, OnApplicationShutdown, WorkspaceLifecycleHooks {
  private readonly logger = new Logger(RecoveryService.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @InjectRepository(Execution) private readonly executions: Repository<Execution>,
    private readonly lifecycle: WorkspaceLifecycle,
    private readonly leases: LeasesService,
    private readonly kernels: KernelsService,
    private readonly collection: CollectionService,
    private readonly lateCollection: LateCollectionService,
    private readonly dispatcher: DispatcherService,
    private readonly files: FilesService,
    private readonly instance: InstanceService,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  onModuleInit(): void {
    this.lifecycle.register(this);
  }

  /** Recovers what dead instances left, now and from now on regularly. */
  async start(): Promise<void> {
    await this.leases.expireOrphaned();
    await this.sweep();
    this.timer = setInterval(() => void this.sweep(), this.config.workspaces.leaseSeconds * 1000);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  async recover(workspace: Workspace, lease: Lease): Promise<void> {
    await this.kernels.end(workspace);
    const interrupted = await this.executions.find({
      where: { workspaceId: workspace.id, status: 'running' },
      order: { seq: 'ASC' },
    });
    const last = interrupted.at(-1);
    if (!last) return this.lateCollection.collect(workspace, lease, null);
    const gathered = await this.gather(workspace, lease);
    const generation = await this.leases.transact(lease, async (manager) => {
      const next = gathered ? await this.register(manager, workspace, last, gathered) : workspace.generation;
      for (const execution of interrupted)
        await this.markDied(manager, execution, execution === last ? gathered : null);
      await manager.update(Workspace, { id: workspace.id }, { kernelId: null, hadKernel: true });
      return next;
    });
    if (gathered && workspace.directory !== null) {
      await this.collection.settle(workspace.directory, workspace.generation, generation);
    }
    this.logger.log(`Recovered workspace ${workspace.id} of an instance that ended.`);
  }

  interrupt(workspaceId: string): void {
    this.dispatcher.interruptRunning(workspaceId);
  }

  close(workspace: Workspace, lease: Lease, options: { keepFiles: boolean }): Promise<void> {
    return this.kernels.close(workspace, lease, options);
  }

  async chatOfMessage(userId: string, messageId: string): Promise<string | null> {
    const latest = await this.executions.findOne({
      where: { userId, messageId },
      order: { createdAt: 'DESC', id: 'DESC' },
      select: { id: true, chatId: true },
    });
    return latest?.chatId ?? this.files.chatOfMessage(userId, messageId);
  }

  private async sweep(): Promise<void> {
    try {
      await this.recoverRunning();
      await this.adoptQueued();
    } catch (error) {
      this.logger.error(`Recovery failed and will be tried again. ${String(error)}`);
    }
  }

  /** Acquiring a lease whose holder vanished recovers its workspace. */
  private async recoverRunning(): Promise<void> {
    const stranded = await this.executions.query<{ workspace_id: string }[]>(
      `SELECT DISTINCT e.workspace_id FROM executions e JOIN workspaces w ON w.id = e.workspace_id
        WHERE e.status = 'running' AND w.lease_expires_at < now()`,
    );
    for (const { workspace_id: workspaceId } of stranded) {
      const leased = await this.leases.tryAcquire(workspaceId, randomUUID());
      if (leased) await this.leases.release(leased.lease);
    }
  }

  private async adoptQueued(): Promise<void> {
    const adopted = await this.executions.query<{ id: string }[]>(
      `WITH adopted AS (
         UPDATE executions SET owner_id = $1
          WHERE status = 'queued' AND owner_id <> $1 AND ${this.instance.deadCondition('owner_id')}
         RETURNING id)
       SELECT id FROM adopted`,
      [this.instance.id],
    );
    for (const { id } of adopted) {
      const execution = await this.executions
        .createQueryBuilder('e')
        .addSelect('e.request')
        .where('e.id = :id', { id })
        .getOneOrFail();
      this.dispatcher.adopt(execution, decodeRequest(execution.request));
    }
  }

  private async gather(workspace: Workspace, lease: Lease): Promise<GatheredFiles | null> {
    const { directory } = workspace;
    if (directory === null || workspace.state !== 'active') return null;
    return this.collection.collect({ workspace: { ...workspace, directory }, lease }, null);
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
    execution: Execution,
    gathered: GatheredFiles | null,
  ): Promise<void> {
    const { files = [], deleted = [], warnings = [] } = gathered ?? {};
    const totals = { files: files.length, deleted: deleted.length, warnings: warnings.length, outputs: 0 };
    const output = await encodeRecord({ ...EMPTY_RECORD, deleted, warnings, totals });
    await manager.update(
      Execution,
      { id: execution.id },
      {
        status: 'died',
        reasonCode: ENDED.code,
        reasonMessage: ENDED.message,
        output,
        finishedAt: () => 'now()',
      },
    );
  }
}
