import type { ExecutionDto } from '../../src/execution/index.js';
import type { ApiClient } from './api-client.js';

export interface StreamEvent {
  type: string;
  /** Within its execution. */
  id: number;
  data: Record<string, unknown>;
}

/** Whether the execution has printed `text`: in a chunk of its own, or before the stream began. */
export function printed(text: string): (event: StreamEvent) => boolean {
  return ({ type, data }) =>
    (type === 'stdout' && data.text === text) || (type === 'started' && data.stdout === text);
}

/** Whether the execution has printed anything: in a chunk of its own, or before the stream began. */
export function hasPrinted({ type, data }: StreamEvent): boolean {
  return type === 'stdout' || (type === 'started' && data.stdout !== '');
}

/** All that these events tell of a stream: what was there before they began, and the chunks since. */
export function textOf(events: readonly StreamEvent[], stream: 'stdout' | 'stderr'): string {
  return events
    .map(({ type, data }) => (type === stream ? data.text : type === 'started' ? data[stream] : ''))
    .join('');
}

/** A stream of server-sent events, read one by one. */
export class EventStream {
  private readonly events: AsyncGenerator<StreamEvent>;

  constructor(
    body: ReadableStream<Uint8Array>,
    private readonly client: AbortController,
  ) {
    // At once: a body that nobody reads is cancelled when its response is collected as garbage.
    this.events = parse(body.pipeThrough(new TextDecoderStream()));
  }

  /** The events up to the first that is as wanted. */
  async until(wanted: (event: StreamEvent) => boolean): Promise<StreamEvent[]> {
    const read: StreamEvent[] = [];
    for (;;) {
      const next = await this.events.next();
      if (next.done === true) throw new Error(`The stream ended after ${JSON.stringify(read.at(-1))}.`);
      read.push(next.value);
      if (wanted(next.value)) return read;
    }
  }

  /** All that comes until the stream ends. */
  async rest(): Promise<StreamEvent[]> {
    const read: StreamEvent[] = [];
    for await (const event of this.events) read.push(event);
    return read;
  }

  /** Goes away, as a closed browser does. */
  leave(): void {
    this.client.abort();
  }
}

/**
 * All events of code that runs behind another run of its message, so that the stream has begun when the code does: what
 * came before a stream is told at once, in its first event.
 */
export async function eventsFromTheStart(
  api: ApiClient,
  what: { code: string; message_id: string },
): Promise<StreamEvent[]> {
  const { body } = await api.request<ExecutionDto>(
    'POST',
    '/executions',
    { ...what, code: 'import time; time.sleep(60)' },
    { Prefer: 'respond-async' },
  );
  const stream = await anEventStream(api, what);
  const begun = await stream.until(({ type }) => type === 'started');
  await api.request('DELETE', `/executions/${body.id}`);
  return [...begun, ...(await stream.rest())];
}

/** Runs code and streams it, or follows the execution of a path. */
export async function anEventStream(
  api: ApiClient,
  what: Record<string, unknown> | string,
  lastEventId?: number,
): Promise<EventStream> {
  const client = new AbortController();
  const headers = {
    Authorization: api.authorization,
    Accept: 'text/event-stream',
    ...(lastEventId !== undefined && { 'Last-Event-ID': String(lastEventId) }),
  };
  const request =
    typeof what === 'string'
      ? { path: what, init: { headers } }
      : {
          path: '/executions',
          init: {
            method: 'POST',
            body: JSON.stringify(what),
            headers: { ...headers, 'Content-Type': 'application/json' },
          },
        };
  const response = await fetch(`${api.url}/api/v1${request.path}`, {
    ...request.init,
    signal: client.signal,
  });
  if (!response.ok || !response.body)
    throw new Error(`The stream was answered with ${String(response.status)}.`);
  return new EventStream(response.body, client);
}

async function* parse(chunks: ReadableStream<string>): AsyncGenerator<StreamEvent> {
  let text = '';
  for await (const chunk of chunks) {
    const blocks = (text + chunk).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => splitField(line)));
      const type = fields.get('event');
      if (type === undefined) continue;
      yield {
        type,
        id: Number(fields.get('id')?.split(':').at(-1)),
        data: JSON.parse(fields.get('data') ?? 'null') as Record<string, unknown>,
      };
    }
  }
}

function splitField(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
}
