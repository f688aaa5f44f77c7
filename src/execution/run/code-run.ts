import {
  KernelDiedError,
  type ExecuteOptions,
  type ExecutionListener,
  type Kernel,
  type KernelDeath,
} from '../engine/index.js';

/** How long interrupted code has to obey before its kernel is ended: seconds where all cores are busy. */
const OBEY_MS = 4_000;
/** When it is interrupted once more: code may have caught the first one, or a child got it. */
const AGAIN_MS = 1_500;
/** A kernel that does not even take code up in this time is stuck. */
const TAKE_UP_MS = 30_000;

export type EndStatus = 'ok' | 'error' | 'timeout' | 'interrupted' | 'died' | 'stopped';

export interface StopReason {
  status: 'timeout' | 'interrupted' | 'stopped';
  reason: { code: string; message: string } | null;
}

export interface CodeEnd {
  status: EndStatus;
  reason: { code: string; message: string } | null;
}

/**
 * One piece of code in a kernel, with its time limit: counts from the moment the kernel takes the code up,
 * then interrupts, then ends a kernel that does not obey.
 */
export class CodeRun {
  private stopping: StopReason | undefined;
  private timer: NodeJS.Timeout | undefined;
  private repeater: NodeJS.Timeout | undefined;
  private killer: NodeJS.Timeout | undefined;
  private finished = false;

  constructor(
    private readonly kernel: Kernel,
    private readonly timeoutMs: number,
    /** Tells what the death of the kernel means for the code. */
    private readonly explain: (death: KernelDeath) => Promise<CodeEnd> = passOn,
  ) {}

  /** Runs the code to its end, whatever that is. Errors of the connection to the engine count as death. */
  async execute(code: string, listener: ExecutionListener, options?: ExecuteOptions): Promise<CodeEnd> {
    this.timer = setTimeout(() => {
      this.stop({
        status: 'stopped',
        reason: { code: 'stuck', message: 'The kernel did not take the code up.' },
      });
    }, TAKE_UP_MS);
    try {
      const reply = await this.kernel.execute(code, this.timed(listener), options);
      return this.stopping ?? { status: reply.status === 'ok' ? 'ok' : 'error', reason: null };
    } catch (error) {
      if (!(error instanceof KernelDiedError)) throw error;
      return this.stopping ?? (await this.explain(error.death));
    } finally {
      this.finished = true;
      clearTimeout(this.timer);
      clearTimeout(this.repeater);
      clearTimeout(this.killer);
    }
  }

  /** Interrupts the code; the first reason counts. */
  stop(reason: StopReason): void {
    if (this.stopping !== undefined || this.finished) return;
    this.stopping = reason;
    this.killer = setTimeout(() => this.kill(), OBEY_MS);
    this.repeater = setTimeout(() => this.interrupt(), AGAIN_MS);
    this.interrupt();
  }

  /** Whether it arrived shows by the code's end; if not, the kernel goes. */
  private interrupt(): void {
    this.kernel.interrupt().catch(() => this.kill());
  }

  private kill(): void {
    if (this.finished) return;
    // An engine that does not answer is found out by its own watch, which ends the wait as well.
    this.kernel.shutdown().catch(() => this.kernel.detach());
  }

  private timed(listener: ExecutionListener): ExecutionListener {
    return {
      started: () => {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.stop({ status: 'timeout', reason: null }), this.timeoutMs);
        listener.started();
      },
      stdout: (text) => listener.stdout(text),
      stderr: (text) => listener.stderr(text),
      display: (display) => listener.display(display),
      result: (display) => listener.result(display),
      error: (error) => listener.error(error),
      clearOutput: (wait) => listener.clearOutput(wait),
      outputLost: () => listener.outputLost(),
      leftOut: (flood) => listener.leftOut?.(flood),
    };
  }
}

function passOn({ cause, message }: KernelDeath): Promise<CodeEnd> {
  return Promise.resolve({ status: 'died', reason: { code: cause, message } });
}
