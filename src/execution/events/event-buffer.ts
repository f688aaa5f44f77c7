import { EventEmitter, once } from 'node:events';

/** Something an execution showed, as the stream tells it; `data` becomes the event's JSON. */
export interface BufferedEvent {
  id: number;
  type: 'stdout' | 'stderr' | 'display' | 'error';
  data: Readonly<Record<string, unknown>>;
}

/** `started` has the first id; it is told by whoever streams, not kept here. */
export const STARTED_ID = 1;

/** Kept for clients that join late or come back; who needs more gets a `reset`. */
const MAX_BYTES = 2 * 1024 ** 2;
const MAX_EVENTS = 5_000;

/**
 * The latest events of one execution, for any number of readers at their own pace. Bounded: what falls out is
 * gone, and a reader who had not got there is told so.
 */
export class EventBuffer {
  private readonly kept: { event: BufferedEvent; bytes: number }[] = [];
  private readonly news = new EventEmitter().setMaxListeners(0);
  private bytes = 0;
  private last = STARTED_ID;
  private closed = false;

  /** Id of the latest event. */
  get lastId(): number {
    return this.last;
  }

  /** No more events will come. */
  get ended(): boolean {
    return this.closed;
  }

  /** @param bytes what the event costs to keep. */
  append(type: BufferedEvent['type'], data: BufferedEvent['data'], bytes: number): void {
    this.last += 1;
    this.kept.push({ event: { id: this.last, type, data }, bytes });
    this.bytes += bytes;
    while (this.bytes > MAX_BYTES || this.kept.length > MAX_EVENTS) this.drop();
    this.news.emit('news');
  }

  /** What was shown so far counts no more (`clear_output`, or more than could be told): readers get a `reset`. */
  forget(): void {
    this.last += 1;
    while (this.kept.length > 0) this.drop();
    this.news.emit('news');
  }

  end(): void {
    this.closed = true;
    this.news.emit('news');
  }

  /** The event after `id`: null when it has not come yet, `gone` when it is not kept any more. */
  next(id: number): BufferedEvent | 'gone' | null {
    if (id >= this.last) return null;
    const oldest = this.kept[0]?.event.id ?? this.last + 1;
    return this.kept[id + 1 - oldest]?.event ?? 'gone';
  }

  /** Resolves when there may be something new, or the signal aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await once(this.news, 'news', { signal }).catch(() => undefined);
  }

  private drop(): void {
    this.bytes -= this.kept.shift()?.bytes ?? 0;
  }
}
