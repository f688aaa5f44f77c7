import { EventEmitter, once } from 'node:events';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import {
  IsNull,
  Not,
  type EntityManager,
  type FindOptionsWhere,
  type QueryDeepPartialEntity,
  type Repository,
} from 'typeorm';
import { AppConfig, timerMs } from '../config/index.js';
import { NotFoundError } from '../errors/index.js';
import { InstanceService } from '../instance/index.js';
import { Lease } from './lease.js';
import { LeaseLostError } from './workspaces.errors.js';
import { WorkspaceLifecycle } from './workspace-lifecycle.js';
import { workspaceFromRow } from './workspace-row.js';
import { Workspace } from './workspace.entity.js';

/** How often a waiter looks whether another process released; a release in this process wakes it at once. */
const POLL_MS = 500;

export interface Leased {
  lease: Lease;
  workspace: Workspace;
}

export interface AcquireOptions {
  /** The operation's own id. */
  holder: string;
  signal?: AbortSignal;
  /** Asked before each attempt: is it this operation's turn? */
  turn?: () => Promise<boolean>;
}

/**
 * Leases of workspaces: one holder at a time across processes, by the database's clock. Held leases are
 * renewed every third of their time; one that could not be is lost, locally and in the database alike.
 */
@Injectable()
export class LeasesService implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(LeasesService.name);
  private readonly held = new Map<string, Lease>();
  private readonly released = new EventEmitter().setMaxListeners(0);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @InjectRepository(Workspace) private readonly workspaces: Repository<Workspace>,
    private readonly instance: InstanceService,
    private readonly lifecycle: WorkspaceLifecycle,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.renew(), timerMs(this.config.workspaces.leaseSeconds / 3));
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /**
   * Waits for its turn and the lease; what a vanished holder left is recovered before it returns.
   *
   * @throws NotFoundError when the workspace was removed meanwhile.
   */
  async acquire(workspaceId: string, options: AcquireOptions): Promise<Leased> {
    for (;;) {
      options.signal?.throwIfAborted();
      const wake = this.nextRelease(workspaceId, options.signal);
      const leased =
        options.turn === undefined || (await options.turn())
          ? await this.tryAcquire(workspaceId, options.holder)
          : null;
      if (leased) return leased;
      if (!(await this.workspaces.existsBy({ id: workspaceId })))
        throw new NotFoundError('workspace', workspaceId);
      await wake;
    }
  }

  /** The lease if it is free now, or its holder's time ran out (then recovered first); else null. */
  async tryAcquire(workspaceId: string, holder: string): Promise<Leased | null> {
    const [row] = await this.workspaces.query<[(Record<string, unknown> & { inherited: boolean })?]>(
      `WITH before AS (SELECT id, lease_holder FROM workspaces WHERE id = $1 FOR UPDATE),
            taken AS (
              UPDATE workspaces w SET lease_holder = $2, lease_owner = $3, lease_epoch = w.lease_epoch + 1,
                     lease_expires_at = now() + $4 * interval '1 second'
              FROM before WHERE w.id = before.id
                AND (w.lease_holder IS NULL OR w.lease_expires_at < now())
              RETURNING w.*, before.lease_holder IS NOT NULL AS inherited)
       SELECT * FROM taken`,
      [workspaceId, holder, this.instance.id, this.config.workspaces.leaseSeconds],
    );
    if (!row) return null;
    const workspace = workspaceFromRow(this.workspaces.metadata, row);
    const lease = this.hold(workspaceId, holder, workspace.leaseEpoch);
    if (!row.inherited) return { lease, workspace };
    try {
      await this.lifecycle.hooks.recover(workspace, lease);
      return { lease, workspace: await this.workspaces.findOneByOrFail({ id: workspaceId }) };
    } catch (error) {
      // It is left to expire, so that the next to come tries the recovery again.
      this.letGo(lease);
      throw error;
    }
  }

  /** Takes charge of a lease that a statement of the caller acquired. */
  hold(workspaceId: string, holder: string, epoch: number): Lease {
    const lease = new Lease(workspaceId, holder, epoch, performance.now());
    this.held.set(holder, lease);
    return lease;
  }

  /** Locks the row for the transaction; throws when the lease is no longer held. */
  async guard(manager: EntityManager, lease: Lease): Promise<void> {
    const rows = await manager.query<unknown[]>(
      `SELECT 1 FROM workspaces WHERE id = $1 AND lease_holder = $2 AND lease_epoch = $3 FOR UPDATE`,
      [lease.workspaceId, lease.holder, lease.epoch],
    );
    if (rows.length === 0) this.lost(lease);
  }

  /** A transaction under the lease: it rolls back when the lease is lost. */
  transact<T>(lease: Lease, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.workspaces.manager.transaction(async (manager) => {
      await this.guard(manager, lease);
      return await work(manager);
    });
  }

  /** Changes the workspace's row in one statement. @throws LeaseLostError when the lease is no longer held */
  async update(lease: Lease, change: QueryDeepPartialEntity<Workspace>): Promise<void> {
    const { affected } = await this.workspaces.update(heldBy(lease), change);
    if (affected !== 1) this.lost(lease);
  }

  /** Ends the lease, and changes the row with it; false, and neither, when it is no longer held. */
  async release(lease: Lease, change: QueryDeepPartialEntity<Workspace> = {}): Promise<boolean> {
    const free = { leaseHolder: null, leaseOwner: null, leaseExpiresAt: null };
    try {
      const { affected } = await this.workspaces.update(heldBy(lease), { ...change, ...free });
      return affected === 1;
    } finally {
      this.letGo(lease);
    }
  }

  /** The lease ended in a statement of the caller: stops renewing and wakes who waits. */
  letGo(lease: Lease): void {
    if (this.held.get(lease.holder) === lease) this.held.delete(lease.holder);
    this.released.emit(lease.workspaceId);
  }

  /** Runs `work` under a lease and releases it, whatever happens. */
  async using<T>(leased: Leased, work: (leased: Leased) => Promise<T>): Promise<T> {
    try {
      return await work(leased);
    } finally {
      await this.release(leased.lease);
    }
  }

  /**
   * Runs `work` under a lease, and changes the row as it answers in the statement that releases.
   *
   * @throws LeaseLostError when the lease was no longer held; the row is as it was
   */
  async changing(
    leased: Leased,
    work: (leased: Leased) => Promise<QueryDeepPartialEntity<Workspace>>,
  ): Promise<void> {
    const change = await work(leased).catch(async (error: unknown) => {
      await this.release(leased.lease);
      throw error;
    });
    if (!(await this.release(leased.lease, change))) throw new LeaseLostError();
  }

  /** Leases of instances that are gone expire at once: their workspaces need not wait for the time to run out. */
  async expireOrphaned(): Promise<void> {
    await this.workspaces.query(
      `UPDATE workspaces SET lease_expires_at = now() - interval '1 second'
        WHERE lease_owner IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM service_instances i WHERE i.id = workspaces.lease_owner)`,
    );
  }

  /** Ids of workspaces with a kernel that nobody works in, least recently used first. */
  async idleWithKernel(limit: number): Promise<string[]> {
    const rows = await this.workspaces.find({
      select: { id: true },
      where: { kernelId: Not(IsNull()), leaseHolder: IsNull() },
      order: { lastUsedAt: 'ASC' },
      take: limit,
    });
    return rows.map(({ id }) => id);
  }

  lost(lease: Lease): never {
    const error = new LeaseLostError();
    lease.lose(error);
    this.letGo(lease);
    throw error;
  }

  private async nextRelease(workspaceId: string, signal: AbortSignal | undefined): Promise<void> {
    const timeout = AbortSignal.timeout(POLL_MS);
    const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
    await once(this.released, workspaceId, { signal: either }).catch(() => undefined);
  }

  private async renew(): Promise<void> {
    const leases = [...this.held.values()];
    if (leases.length === 0) return;
    const asked = performance.now();
    try {
      const rows = await this.workspaces.query<{ lease_holder: string; lease_epoch: string }[]>(
        `WITH renewed AS (
           UPDATE workspaces SET lease_expires_at = now() + $3 * interval '1 second'
           WHERE lease_owner = $1 AND lease_holder = ANY($2)
           RETURNING lease_holder, lease_epoch)
         SELECT * FROM renewed`,
        [this.instance.id, leases.map((lease) => lease.holder), this.config.workspaces.leaseSeconds],
      );
      const epochs = new Map(rows.map((row) => [row.lease_holder, Number(row.lease_epoch)]));
      for (const lease of leases) this.settle(lease, epochs.get(lease.holder) === lease.epoch ? asked : null);
    } catch (error) {
      this.logger.warn(`Could not renew ${String(leases.length)} leases; trying again. ${String(error)}`);
      this.loseOverdue(leases);
    }
  }

  private settle(lease: Lease, confirmedAt: number | null): void {
    if (confirmedAt !== null) lease.confirmedAt = confirmedAt;
    else if (this.held.get(lease.holder) === lease) this.giveUp(lease);
  }

  /** Without the database the time runs on: past it another instance may already work there. */
  private loseOverdue(leases: Lease[]): void {
    const deadline = performance.now() - this.config.workspaces.leaseSeconds * 1000;
    for (const lease of leases) if (lease.confirmedAt < deadline) this.giveUp(lease);
  }

  private giveUp(lease: Lease): void {
    this.logger.warn(`The lease of workspace ${lease.workspaceId} is lost; its run stops.`);
    lease.lose(new LeaseLostError());
    this.letGo(lease);
  }
}

function heldBy({ workspaceId, holder, epoch }: Lease): FindOptionsWhere<Workspace> {
  return { id: workspaceId, leaseHolder: holder, leaseEpoch: epoch };
}
