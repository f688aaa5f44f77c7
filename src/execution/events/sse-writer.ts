import { once } from 'node:events';
import type { Response } from 'express';

/** Proxies and clients take a silent connection for a dead one. */
const PING_MS = 15_000;

/** Where the events of one execution are told. */
export interface EventWriter {
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
  /** Resolves when the client can take more. */
  write(event: string, id: number, data: unknown): Promise<void>;
}

/** Writes server-sent events (WHATWG HTML, section 9.2) at the pace of the client. */
export class SseWriter implements EventWriter {
  private readonly closing = new AbortController();
  private readonly pings: NodeJS.Timeout;
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly response: Response) {
    response.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // Asks nginx and its kin not to hold events back.
      'X-Accel-Buffering': 'no',
    });
    response.flushHeaders();
    response.req.socket.setNoDelay(true);
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

  /** Of several who write, each waits for the one before: no more than one event is on its way to the client. */
  async write(event: string, id: number | string, data: unknown): Promise<void> {
    const written = this.writing.then(() => this.writeNow(event, id, data));
    this.writing = written;
    await written;
  }

  /** For one of several executions: its events have ids such as `<execution>:7`, and name it in their data. */
  of(executionId: string): EventWriter {
    return {
      signal: this.signal,
      write: async (event, id, data) => {
        const named = { execution_id: executionId, ...(data as object) };
        await this.write(event, `${executionId}:${String(id)}`, named);
      },
    };
  }

  end(): void {
    this.stop();
    this.response.end();
  }

  /** JSON has no line breaks, so one `data` line is enough. */
  private async writeNow(event: string, id: number | string, data: unknown): Promise<void> {
    if (this.signal.aborted) return;
    const text = `event: ${event}\nid: ${String(id)}\ndata: ${JSON.stringify(data)}\n\n`;
    if (this.response.write(text)) return;
    await once(this.response, 'drain', { signal: this.signal }).catch(() => undefined);
  }

  private stop(): void {
    clearInterval(this.pings);
    this.closing.abort();
  }
}
