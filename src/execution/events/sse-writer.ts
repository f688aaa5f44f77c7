import { once } from 'node:events';
import type { Response } from 'express';

/** Proxies and clients take a silent connection for a dead one. */
const PING_MS = 15_000;

/** Writes server-sent events (WHATWG HTML, section 9.2) at the pace of the client. */
export class SseWriter {
  private readonly closing = new AbortController();
  private readonly pings: NodeJS.Timeout;

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

  /** Aborts when the client is gone. */
  get signal(): AbortSignal {
    return this.closing.signal;
  }

  /** Resolves when the client can take more. JSON has no line breaks, so one `data` line is enough. */
  async write(event: string, id: number, data: unknown): Promise<void> {
    if (this.signal.aborted) return;
    const text = `event: ${event}\nid: ${String(id)}\ndata: ${JSON.stringify(data)}\n\n`;
    if (this.response.write(text)) return;
    await once(this.response, 'drain', { signal: this.signal }).catch(() => undefined);
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
