import type { Http } from './http.ts';
import { readEvents, type ServerEvent } from './event-stream.ts';

/** The service pings every 15 seconds: after this long the connection is dead. */
const silenceMs = 40_000;

/** One request for events, until the service ends it, it breaks, or `signal` aborts; then it throws or ends. */
export async function* eventsOf(http: Http, path: string, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), silenceMs);
  const onBytes = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), silenceMs);
  };
  try {
    const response = await http.request('GET', path, {
      headers: { Accept: 'text/event-stream' },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (response.body !== null) yield* readEvents(response.body, onBytes);
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}
