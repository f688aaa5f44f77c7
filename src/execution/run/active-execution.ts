import { EventBuffer } from '../events/event-buffer.js';
import type { Checkpoint, LiveOutput } from '../events/live-output.js';
import { OutputCollector } from '../output/index.js';
import type { CodeRun, StopReason } from './code-run.js';
import type { ExecutionRequest } from './execution-request.js';
import type { FinishedExecution } from './finished-execution.js';

/** Why code was told to stop although its client did not ask. */
export const CANCELLED: StopReason = { status: 'interrupted', reason: null };

/** An execution that this process answers for, from its entry to its end. */
export class ActiveExecution {
  readonly collector: OutputCollector;
  /** What it showed, for streams. */
  readonly events = new EventBuffer();
  /** Aborts when the execution shall end before its code runs. */
  readonly cancellation = new AbortController();
  /** Resolves when the row is final; rejects when the run could not be done (the row tells it too). */
  readonly done: Promise<void>;
  /** It has lease and slot; before, it waits in the queue. */
  started = false;
  /** What was stored when it ended; none where it ended without a run, or another instance took it over. */
  outcome: FinishedExecution | undefined;
  /** Why it was left in the queue for another life of the service. */
  leftQueue: Error | undefined;
  private settle: { resolve: () => void; reject: (error: Error) => void };
  private run: CodeRun | undefined;
  private live: LiveOutput | undefined;
  private stopReason: StopReason | undefined;

  constructor(
    readonly id: string,
    readonly userId: string,
    readonly workspaceId: string,
    readonly request: ExecutionRequest,
    maxOutputBytes: number,
  ) {
    this.collector = new OutputCollector({ maxOutputBytes });
    this.done = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    // Who does not wait for it (asynchronous requests) still reads the row.
    this.done.catch(() => undefined);
  }

  get stopped(): StopReason | undefined {
    return this.stopReason;
  }

  /** Interrupts the code, or keeps it from starting. The first reason counts. */
  stop(reason: StopReason): void {
    this.stopReason ??= reason;
    this.cancellation.abort(new Error('The execution was stopped before its code ran.'));
    this.run?.stop(reason);
  }

  /** What it showed so far, for readers who join now. */
  async checkpoint(): Promise<Checkpoint> {
    const { collector, events } = this;
    if (this.live) return await this.live.checkpoint();
    return { output: collector.snapshot(), lastId: events.lastId, imageIds: new Map() };
  }

  /** The code is about to run: from now on `stop` interrupts it. */
  running(run: CodeRun, live: LiveOutput): void {
    this.run = run;
    this.live = live;
    if (this.stopReason) run.stop(this.stopReason);
  }

  /** Lets a waiting execution go without ending it: its row stays queued. */
  leaveQueue(reason: Error): void {
    if (this.started) return;
    this.leftQueue = reason;
    this.cancellation.abort(reason);
  }

  finish(): void {
    this.events.end();
    this.settle.resolve();
  }

  fail(error: Error): void {
    this.events.end();
    this.settle.reject(error);
  }
}
