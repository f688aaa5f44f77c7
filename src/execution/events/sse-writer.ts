import { once } from 'node:events';
import type { Response } from 'express';

/** Proxies and clients take a silent connection for a dead one. */
const PING_MS = 15_000;
/** A client that takes nothing of what waits for it is cut off after this time; it may come back and go on. */
const STALLED_MS = 60_000;

/** Where the events of one execution are told. */
export interface EventWriter {
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
  /** Resolves when the client can take more, or is gone: what is made only then, none of the slow ones holds. */
  ready(): Promise<void>;
  write(event: string, id: number, data: unknown): void;
}

/** Writes server-sent events (WHATWG HTML, section 9.2) at the pace of the client. */
export class SseWriter implements EventWriter {
  private readonly closing = new AbortController();
  private readonly pings: NodeJS.Timeout;
  private draining: Promise<unknown> | undefined;

  /** @param stalledMs how long the client may take nothing of what waits for it */
  constructor(
    private readonly response: Response,
    stalledMs = STALLED_MS,
  ) {
    response.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // Asks nginx and its kin not to hold events back.
      'X-Accel-Buffering': 'no',
    });
    response.flushHeaders();
    response.req.socket.setNoDelay(true);
    response.setTimeout(stalledMs, () => response.destroy());
    response.once('close', () => {
      this.stop();
    });
    this.pings = setInterval(() => {
      // Behind an event that the client has not read yet a ping would only add to what waits.
      if (!response.writableNeedDrain) response.write(': ping\n\n');
    }, PING_MS);
  }

  get signal(): AbortSignal {
    return this.closing.signal;
  }

  async ready(): Promise<void> {
    if (this.signal.aborted || !this.response.writableNeedDrain) return;
    this.draining ??= once(this.response, 'drain', { signal: this.signal })
      .catch(() => undefined)
      .finally(() => (this.draining = undefined));
    await this.draining;
  }

  /** JSON has no line breaks, so one `data` line is enough. Bytes, because strings would wait in the heap. */
  write(event: string, id: number | string, data: unknown): void {
    if (this.signal.aborted) return;
    this.response.write(Buffer.from(`event: ${event}\nid: ${String(id)}\ndata: ${JSON.stringify(data)}\n\n`));
  }

  /** For one of several executions: its events have ids such as `<execution>:7`, and name it in their data. */
  of(executionId: string): EventWriter {
    return {
      signal: this.signal,
      ready: () => this.ready(),
      write: (event, id, data) => {
        const named = { execution_id: executionId, ...(data as object) };
        this.write(event, `${executionId}:${String(id)}`, named);
      },
    };
  }

  end(): void {
    this.stop();
    this.response.end();
  }

  private stop(): void {
    clearInterval(this.pings);
    this.closing.abort();
  }
}
