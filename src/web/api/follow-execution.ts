import type { Api } from './api.ts';
import { ApiProblem } from './problem.ts';
import { readEvents, type ServerEvent } from './event-stream.ts';
import type { Execution, ExecutionEvent, Output, PythonError, StoredFile } from './types.ts';

/** The service pings every 15 seconds: after this long the connection is dead. */
const silenceMs = 40_000;
const firstPauseMs = 500;
const longestPauseMs = 8000;

/**
 * What an execution tells, from its beginning to `finished`. A connection that breaks is made again, and goes on
 * where it broke. Ends when `signal` aborts; throws when the service refuses.
 */
export async function* followExecution(
  api: Api,
  executionId: string,
  signal: AbortSignal,
): AsyncGenerator<ExecutionEvent> {
  const progress: Progress = { lastId: null, pauseMs: firstPauseMs, finished: false };
  while (!signal.aborted) {
    yield* eventsUntilItBreaks(api, executionId, progress, signal);
    if (progress.finished) return;
    await pause(progress.pauseMs, signal);
    progress.pauseMs = Math.min(progress.pauseMs * 2, longestPauseMs);
  }
}

interface Progress {
  lastId: string | null;
  /** Before the next try. */
  pauseMs: number;
  finished: boolean;
}

async function* eventsUntilItBreaks(
  api: Api,
  executionId: string,
  progress: Progress,
  signal: AbortSignal,
): AsyncGenerator<ExecutionEvent> {
  try {
    for await (const event of connection(api, executionId, progress.lastId, signal)) {
      progress.lastId = event.id ?? progress.lastId;
      progress.pauseMs = firstPauseMs;
      const known = eventOf(event);
      progress.finished = known?.type === 'finished';
      if (known !== null) yield known;
      if (progress.finished) return;
    }
  } catch (error) {
    if (isRefusal(error)) throw error;
  }
}

/** Asking again would bring the same; anything else is a connection that broke. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApiProblem && error.status >= 400 && error.status < 500;
}

async function* connection(
  api: Api,
  executionId: string,
  lastId: string | null,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), silenceMs);
  const onBytes = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), silenceMs);
  };
  try {
    const response = await api.http.request('GET', `api/v1/executions/${executionId}/events`, {
      headers: { Accept: 'text/event-stream', ...(lastId !== null && { 'Last-Event-ID': lastId }) },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (response.body !== null) yield* readEvents(response.body, onBytes);
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** Null for events of a newer service. */
function eventOf({ type, data }: ServerEvent): ExecutionEvent | null {
  const value: unknown = JSON.parse(data);
  switch (type) {
    case 'started':
    case 'reset':
    case 'finished':
      return { type, execution: value as Execution };
    case 'stdout':
    case 'stderr':
      return { type, text: (value as { text: string }).text };
    case 'display':
      return { type, index: (value as { index: number }).index, output: value as Output };
    case 'error':
      return { type, error: value as PythonError };
    case 'file':
      return { type, file: value as StoredFile };
    default:
      return null;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
