import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { AppConfig, timerMs } from '../../config/index.js';
import { isConnectionLoss } from '../../database/index.js';
import { DomainError } from '../../errors/index.js';
import { LeasesService, type Leased } from '../../workspaces/index.js';
import type { Execution } from '../execution.entity.js';
import { ActiveExecution, CANCELLED } from './active-execution.js';
import { requestDigest, type ExecutionRequest } from './execution-request.js';
import { IntakeService, type Intake, type Repetition } from './intake.service.js';
import { QueueService } from './queue.service.js';
import { RunnerService } from './runner.service.js';
import { Slots } from './slots.js';

/** How soon an execution that waits tries the database again. */
const RETRY_MS = 1_000;

/** Part of the queue that one user may fill. */
const USER_SHARE = 0.25;

interface Start {
  leased: Leased | null;
  /** A slot was taken already. */
  slot: boolean;
  attachmentsPending: boolean;
}

const STOPPING = new DomainError(
  'unavailable',
  'shutting_down',
  'The service is shutting down and takes no more code. Try again shortly.',
  { retryAfterSeconds: 5 },
);

/**
 * Brings every execution from its entry to its end, whether somebody waits for it or not: enters it, waits for
 * the workspace's lease and a slot, runs it.
 */
@Injectable()
export class DispatcherService implements BeforeApplicationShutdown {
  private readonly slots: Slots;
  private readonly executions = new Map<string, ActiveExecution>();
  private stopping = false;

  constructor(
    private readonly queue: QueueService,
    private readonly intake: IntakeService,
    private readonly runner: RunnerService,
    private readonly leases: LeasesService,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {
    const { maxConcurrent, maxConcurrentPerUser } = config.execution;
    this.slots = new Slots({ total: maxConcurrent, perUser: maxConcurrentPerUser });
  }

  /**
   * Enters an execution and sees to its run. A repetition (same idempotency key, same request) answers with
   * the id of the first.
   */
  async submit(userId: string, request: ExecutionRequest, idempotencyKey: string | null): Promise<string> {
    if (this.stopping) throw STOPPING;
    const slot = this.slots.tryTake(userId);
    const entered = await this.enter(userId, request, idempotencyKey, slot).catch((error: unknown) => {
      if (slot) this.slots.give(userId);
      throw error;
    });
    if ('repeats' in entered) {
      if (slot) this.slots.give(userId);
      return assertSame(entered.repeats, request).id;
    }
    const active = this.activate(entered.executionId, userId, entered.workspaceId, request);
    void this.see(active, { ...entered, slot });
    return active.id;
  }

  /** Takes over a queued execution of an instance that is gone. */
  adopt(execution: Execution, request: ExecutionRequest): void {
    const active = this.activate(execution.id, execution.userId, execution.workspaceId, request);
    void this.see(active, { leased: null, slot: false, attachmentsPending: true });
  }

  /** The execution, if this process answers for it and it is not final. */
  active(id: string): ActiveExecution | undefined {
    return this.executions.get(id);
  }

  cancel(id: string): void {
    this.executions.get(id)?.stop(CANCELLED);
  }

  /** Interrupts what runs in this workspace, and with `queued` also what waits for it. */
  interruptIn(workspaceId: string, { queued }: { queued: boolean }): void {
    for (const execution of this.executions.values()) {
      if (execution.workspaceId === workspaceId && (queued || execution.started)) execution.stop(CANCELLED);
    }
  }

  /** Interrupts everything that runs in this process. */
  interruptAll(): void {
    for (const execution of this.executions.values()) execution.stop(CANCELLED);
  }

  get stats(): { running: number; waiting: number } {
    return this.slots.stats;
  }

  /** Ids of executions that run or wait in this process and were not told to stop. */
  ongoingIds(): string[] {
    return [...this.executions.values()].filter(({ stopped }) => stopped === undefined).map(({ id }) => id);
  }

  /**
   * Running code gets the grace time, then is interrupted, collected and finished. What is queued stays so:
   * the next life of the service, or another instance, takes it up.
   */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    const ends = Promise.allSettled([...this.executions.values()].map((execution) => execution.done));
    const grace = setTimeout(() => {
      this.interruptAll();
    }, timerMs(this.config.server.shutdownGraceSeconds));
    for (const execution of this.executions.values()) execution.leaveQueue(STOPPING);
    await ends;
    clearTimeout(grace);
  }

  private enter(
    userId: string,
    request: ExecutionRequest,
    idempotencyKey: string | null,
    slot: boolean,
  ): Promise<Intake | Repetition> {
    const waiting = [...this.executions.values()].filter((execution) => !execution.started);
    const own = waiting.filter((execution) => execution.userId === userId).length;
    const { maxQueued } = this.config.execution;
    if (!slot && waiting.length >= maxQueued) return Promise.reject(tooBusy(waiting.length));
    if (own >= Math.max(1, Math.ceil(maxQueued * USER_SHARE))) return Promise.reject(tooManyQueued(own));
    return this.intake.enter(userId, request, idempotencyKey, slot);
  }

  private activate(
    id: string,
    userId: string,
    workspaceId: string,
    request: ExecutionRequest,
  ): ActiveExecution {
    const active = new ActiveExecution(
      id,
      userId,
      workspaceId,
      request,
      this.config.execution.maxOutputBytes,
    );
    this.executions.set(id, active);
    return active;
  }

  /** Sees one to its end. While the database is away nothing is lost: what waits in the queue goes on waiting. */
  private async see(active: ActiveExecution, start: Start): Promise<void> {
    try {
      await this.runWhenReady(active, start);
      this.executions.delete(active.id);
      active.finish();
    } catch (error) {
      if (!active.started && isConnectionLoss(error) && (await this.patience(active))) {
        await this.see(active, { leased: null, slot: false, attachmentsPending: true });
        return;
      }
      this.executions.delete(active.id);
      active.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Resolves after a while; to false at once when the execution shall end. */
  private async patience({ cancellation: { signal } }: ActiveExecution): Promise<boolean> {
    await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    return !signal.aborted;
  }

  private async runWhenReady(active: ActiveExecution, start: Start): Promise<void> {
    const entered = performance.now();
    const { signal } = active.cancellation;
    // A slot is for running: who has to wait for the workspace waits without one.
    if (!start.leased && start.slot) this.slots.give(active.userId);
    let hasSlot = start.slot && start.leased !== null;
    let leased = start.leased;
    try {
      leased ??= await this.leases.acquire(active.workspaceId, {
        holder: active.id,
        signal,
        turn: () => this.queue.isNext(active.id, active.workspaceId),
      });
      if (!hasSlot) {
        await this.slots.take(active.userId, signal);
        hasSlot = true;
        await this.queue.markRunning(active.id);
      }
      active.started = true;
      const { attachmentsPending } = start;
      await this.runner.run(active, { ...leased, attachmentsPending, queuedMs: performance.now() - entered });
    } catch (error) {
      if (!(await this.endQueued(active, leased, hasSlot))) throw error;
    } finally {
      // A run that could not be written down stops renewing: the lease expires, and its heir recovers the workspace.
      if (leased) this.leases.letGo(leased.lease);
      if (hasSlot) this.slots.give(active.userId);
    }
  }

  /** Ends an execution that was stopped before it ran; false when it did run. */
  private async endQueued(active: ActiveExecution, leased: Leased | null, ran: boolean): Promise<boolean> {
    if (ran || !active.cancellation.signal.aborted) return false;
    if (leased) await this.leases.release(leased.lease);
    if (active.leftQueue) throw active.leftQueue;
    await this.queue.interrupt(active.id);
    return true;
  }
}

function assertSame(first: Execution, request: ExecutionRequest): Execution {
  if (first.requestSha256.equals(requestDigest(request))) return first;
  throw new DomainError(
    'unprocessable',
    'idempotency_key_reused',
    'This Idempotency-Key was used for another request within 24 hours. Use a new key for a new request.',
  );
}

function tooBusy(waiting: number): DomainError {
  return new DomainError(
    'unavailable',
    'too_busy',
    `${String(waiting)} executions wait already, as many as this service lets wait. Try again later.`,
    { retryAfterSeconds: 5 },
  );
}

function tooManyQueued(own: number): DomainError {
  return new DomainError(
    'too_many',
    'too_many_queued',
    `${String(own)} executions of yours wait already. Wait for some to end, then try again.`,
    { retryAfterSeconds: 5 },
  );
}
