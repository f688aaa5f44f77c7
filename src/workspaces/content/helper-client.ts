import { setTimeout as wait } from 'node:timers/promises';
import { HelperUnavailableError } from './content.errors.js';
import { type CallOptions, HelperCalls } from './helper-calls.js';
import { type HelperCommand, HelperProcess } from './helper-process.js';

const START_DEADLINE_MS = 20_000;
const STOP_GRACE_MS = 5_000;
const BACK_OFF_MS = { first: 100, longest: 5_000 };
/** A helper that lived this long does not count as failing again and again. */
const STABLE_MS = 30_000;

interface Running {
  process: HelperProcess;
  calls: HelperCalls;
}

/** Keeps one helper process running: one that dies is replaced, ever more slowly while it keeps dying. */
export class HelperClient {
  /** The helper, or the one that is being started; null while stopped. */
  private running: Promise<Running> | null = null;
  private stopped = new AbortController();
  private failures = 0;

  constructor(private readonly command: HelperCommand) {}

  /** Resolves when the helper answers; rejects, and stays stopped, when it cannot be run. */
  async start(): Promise<void> {
    if (this.running) return;
    this.stopped = new AbortController();
    this.running = this.launch();
    try {
      await this.running;
    } catch (error) {
      this.stopped.abort();
      this.running = null;
      throw error;
    }
  }

  /** Ends the helper, and whatever it is doing. */
  async stop(): Promise<void> {
    const { running } = this;
    this.stopped.abort();
    this.running = null;
    const last = await running?.catch(() => null);
    await last?.process.stop(STOP_GRACE_MS);
  }

  /** Asks the helper, or the one that takes its place, and waits for the answer. */
  async call(op: string, fields: object, options: CallOptions): Promise<unknown> {
    if (!this.running) throw new HelperUnavailableError('The workspace helper is not running.');
    const { calls } = await this.running;
    return await calls.call(op, fields, options);
  }

  private async launch(): Promise<Running> {
    const startedAt = Date.now();
    const process = new HelperProcess(this.command, (line) => calls.onLine(line));
    const calls = new HelperCalls((request) => process.send(JSON.stringify(request)));
    void process.ended.then((how) => {
      calls.close(new HelperUnavailableError(`The workspace helper ended unexpectedly (${how}).`));
      if (!this.stopped.signal.aborted) this.replace(how, Date.now() - startedAt);
    });
    try {
      await calls.call('ping', {}, { deadlineMs: START_DEADLINE_MS });
    } catch (error) {
      await process.stop(0);
      throw error;
    }
    return { process, calls };
  }

  private replace(how: string, livedMs: number): void {
    this.failures = livedMs > STABLE_MS ? 0 : this.failures + 1;
    const { first, longest } = BACK_OFF_MS;
    const delayMs = Math.min(first * 2 ** (this.failures - 1), longest);
    this.command.log(`The workspace helper ended (${how}) and is started again.\n`);
    this.running = wait(delayMs, undefined, { signal: this.stopped.signal }).then(() => this.launch());
    this.running.catch(() => undefined); // those who wait for it are told
  }
}
