import { HelperUnavailableError, helperFailure } from './content.errors.js';

/** How long a call is waited for, and what becomes of an answer that nobody waits for any more. */
export interface CallOptions {
  deadlineMs: number;
  signal?: AbortSignal | undefined;
  onLateAnswer?: (answer: unknown) => void;
}

interface Answer {
  id: number;
  ok?: unknown;
  error?: { code: string; message: string };
}

interface Call {
  resolve: (answer: unknown) => void;
  reject: (error: unknown) => void;
  onLateAnswer: ((answer: unknown) => void) | undefined;
}

/** The calls that one helper process has not answered yet. */
export class HelperCalls {
  private readonly waiting = new Map<number, Call>();
  private readonly abandoned = new Map<number, Call>();
  private lastId = 0;
  private end: HelperUnavailableError | null = null;

  constructor(private readonly send: (request: Readonly<Record<string, unknown>>) => void) {}

  /**
   * Sends a request and resolves to its answer. Past the deadline, or when the signal fires, it rejects and
   * the helper is told to stop.
   */
  async call(op: string, fields: object, options: CallOptions): Promise<unknown> {
    const { deadlineMs, signal } = options;
    signal?.throwIfAborted();
    if (this.end) throw this.end;
    const id = ++this.lastId;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, onLateAnswer: options.onLateAnswer });
    });
    const onAbort = (): void => this.abandon(id, signal?.reason);
    const timer = setTimeout(() => this.abandon(id, lateness(op, deadlineMs)), deadlineMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.send({ id, op, ...fields });
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Takes a line of the helper. */
  onLine(line: string): void {
    const { id, ok, error } = JSON.parse(line) as Answer;
    const call = this.waiting.get(id);
    this.waiting.delete(id);
    if (call === undefined) {
      if (error === undefined) this.abandoned.get(id)?.onLateAnswer?.(ok);
      this.abandoned.delete(id);
    } else if (error === undefined) {
      call.resolve(ok);
    } else {
      call.reject(helperFailure(error.code, error.message));
    }
  }

  /** The helper is gone: rejects what it did not answer, and whatever is asked from now on. */
  close(error: HelperUnavailableError): void {
    this.end = error;
    for (const call of this.waiting.values()) call.reject(error);
    this.waiting.clear();
    this.abandoned.clear();
  }

  private abandon(id: number, error: unknown): void {
    const call = this.waiting.get(id);
    if (call === undefined) return;
    this.waiting.delete(id);
    this.abandoned.set(id, call);
    this.send({ op: 'cancel', target: id });
    call.reject(error);
  }
}

function lateness(op: string, deadlineMs: number): HelperUnavailableError {
  return new HelperUnavailableError(`The workspace helper did not ${op} within ${deadlineMs / 1000} s.`);
}
