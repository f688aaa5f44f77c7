import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import {
  CollectionService,
  type Attribution,
  type GatheredFiles,
  type OpenWorkspace,
  type StoredFile,
} from '../../files/index.js';
import { LeasesService, type Lease, type Workspace } from '../../workspaces/index.js';
import {
  Execution,
  type ExecutionStatus,
  type ExecutionTimings,
  type KernelUse,
} from '../execution.entity.js';
import { encodeRecord, type ExecutionRecord } from './execution-record.js';
import type { FinishedExecution } from './finished-execution.js';
import { RunImages } from './run-images.js';

export interface Completion {
  executionId: string;
  workspace: Workspace;
  lease: Lease;
  status: ExecutionStatus;
  reason: { code: string; message: string } | null;
  kernel: KernelUse | null;
  /** The kernel that lives on with the workspace's state. */
  kernelId: string | null;
  timings: ExecutionTimings | null;
  record: ExecutionRecord;
  /** Null when nothing was collected. */
  gathered: GatheredFiles | null;
  attribution: Attribution;
  images: RunImages;
}

const NO_PATH = Buffer.alloc(0);

/** When it was entered, started and finished, by the database's clock. */
interface Times {
  created_at: Date;
  started_at: Date;
  finished_at: Date;
}

/**
 * The end of a run, in one transaction under the lease: files, manifest, the final execution, and the lease's
 * release. A run that lost its lease changes nothing.
 */
@Injectable()
export class CompletionService {
  constructor(
    @InjectRepository(Execution) private readonly executions: Repository<Execution>,
    private readonly leases: LeasesService,
    private readonly collection: CollectionService,
  ) {}

  /** See `CollectionService.collect`; what it finds is registered by `complete`. */
  async collect(open: OpenWorkspace, roomPid: number | null): Promise<GatheredFiles> {
    return await this.collection.collect(open, roomPid);
  }

  /** Where the run's images are stored while it shows them. */
  imagesOf(lease: Lease, attribution: Attribution): RunImages {
    return new RunImages(this.collection, this.leases, lease, attribution);
  }

  /**
   * Releases the lease with its commit, and tells what is stored now.
   *
   * @throws LeaseLostError when it was lost; nothing is written then.
   */
  async complete(completion: Completion): Promise<FinishedExecution> {
    const { lease, workspace, gathered } = completion;
    const output = await encodeRecord(completion.record);
    const from = workspace.generation;
    const { times, files } =
      gathered?.changed === true
        ? await this.leases.transact(lease, async (manager) => {
            const files = await this.register(manager, completion, gathered);
            return { files, times: await this.finish(manager, completion, output) };
          })
        : { files: [], times: await this.finish(this.executions.manager, completion, output) };
    this.leases.letGo(lease);
    if (gathered && workspace.directory !== null) {
      await this.collection.settle(workspace.directory, from, workspace.generation);
    }
    return finished(completion, times, files);
  }

  private async register(
    manager: EntityManager,
    { workspace, attribution }: Completion,
    gathered: GatheredFiles,
  ): Promise<StoredFile[]> {
    const { files, generation } = await this.collection.register(
      manager,
      workspace.id,
      gathered,
      attribution,
    );
    workspace.generation = generation;
    return files;
  }

  /** One statement, alone or in a transaction: the lease's release is the proof that it was held. */
  private async finish(manager: EntityManager, completion: Completion, output: Buffer): Promise<Times> {
    const { lease, executionId, status, reason, kernel, kernelId, timings } = completion;
    const [times] = await manager.query<[Times?]>(
      `WITH released AS (
         UPDATE workspaces SET lease_holder = NULL, lease_owner = NULL, lease_expires_at = NULL,
                last_used_at = now(), kernel_id = $4, had_kernel = had_kernel OR $5::text IS NOT NULL
          WHERE id = $1 AND lease_holder = $2 AND lease_epoch = $3
         RETURNING id
       ), finished AS (
         UPDATE executions SET status = $6, reason_code = $7, reason_message = $8, kernel = $5, output = $9,
                timings_ms = $10, finished_at = now(), started_at = coalesce(started_at, now())
          WHERE id = $11 AND EXISTS (SELECT 1 FROM released)
         RETURNING created_at, started_at, finished_at
       )
       SELECT * FROM finished`,
      [
        lease.workspaceId,
        lease.holder,
        lease.epoch,
        kernelId,
        kernel,
        status,
        reason?.code ?? null,
        reason?.message ?? null,
        output,
        timings,
        executionId,
      ],
    );
    return times ?? this.leases.lost(lease);
  }
}

function finished(completion: Completion, times: Times, files: readonly StoredFile[]): FinishedExecution {
  const { executionId, attribution, status, reason, kernel, timings, record, images } = completion;
  const { messageId, chatId, workspaceRef } = attribution;
  return {
    execution: {
      id: executionId,
      ...{ messageId, chatId, workspaceRef, status, kernel },
      reasonCode: reason?.code ?? null,
      reasonMessage: reason?.message ?? null,
      timingsMs: timings,
      createdAt: times.created_at,
      startedAt: times.started_at,
      finishedAt: times.finished_at,
    },
    record,
    files: [...files].sort((a, b) => Buffer.compare(a.path ?? NO_PATH, b.path ?? NO_PATH)),
    images: images.storedFiles,
  };
}
