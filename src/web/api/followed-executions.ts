import type { Api } from './api.ts';
import { eventsOf } from './event-connection.ts';
import type { ServerEvent } from './event-stream.ts';
import { executionEvent } from './execution-event.ts';
import { ApiProblem } from './problem.ts';
import type { ExecutionEvent } from './types.ts';

const firstPauseMs = 500;
const longestPauseMs = 8000;
/** As many as the service tells in one stream. */
const mostFollowed = 32;

interface Followed {
  readonly id: string;
  /** Id of the last event that came, or the execution's: where the stream goes on. */
  last: string;
  readonly hear: (event: ExecutionEvent) => void;
  readonly end: PromiseWithResolvers<void>;
}

/**
 * Follows executions to their ends, all of them by one connection: browsers keep six to a server open, and a page has
 * many elements. A connection that breaks, or that does not tell a new execution, is made again and goes on where it
 * was.
 */
export class FollowedExecutions {
  readonly #followed = new Map<string, Followed>();
  #connection = new AbortController();
  #connecting = false;
  #pauseMs = firstPauseMs;

  constructor(private readonly api: Api) {}

  /** Tells `hear` what the execution shows. Resolves at its end; rejects when the service refuses, or by `clear`. */
  async follow(id: string, hear: (event: ExecutionEvent) => void): Promise<void> {
    const followed: Followed = { id, last: id, hear, end: Promise.withResolvers() };
    this.#followed.set(id, followed);
    this.#connection.abort();
    if (!this.#connecting) void this.#connect();
    await followed.end.promise;
  }

  /** Nobody hears anything any more. */
  clear(reason: Error): void {
    for (const followed of [...this.#followed.values()]) this.#drop(followed, reason);
    this.#connection.abort();
  }

  async #connect(): Promise<void> {
    this.#connecting = true;
    // Elements of a page appear together: their executions go into one request.
    await Promise.resolve();
    while (this.#followed.size > 0) {
      this.#connection = new AbortController();
      const { signal } = this.#connection;
      try {
        await this.#listen(signal);
      } catch (error) {
        if (isRefusal(error)) await this.#dropRefused(error);
      }
      // A connection that was given up for a larger one is made again at once.
      if (!signal.aborted && this.#followed.size > 0) await this.#pause(signal);
    }
    this.#connecting = false;
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const first = [...this.#followed.values()].slice(0, mostFollowed);
    const query = new URLSearchParams(first.map(({ last }) => ['follow', last]));
    for await (const event of eventsOf(this.api.http, `api/v1/executions/events?${query}`, signal)) {
      this.#pauseMs = firstPauseMs;
      this.#hear(event);
    }
  }

  #hear(event: ServerEvent): void {
    const followed = this.#followed.get(event.id?.split(':')[0] ?? '');
    if (followed === undefined || event.id === null) return;
    followed.last = event.id;
    const known = executionEvent(event);
    if (known !== null) followed.hear(known);
    if (known?.type === 'finished') this.#drop(followed, null);
  }

  #drop(followed: Followed, reason: unknown): void {
    this.#followed.delete(followed.id);
    if (reason === null) followed.end.resolve();
    else followed.end.reject(reason);
  }

  /** One execution that is gone, with its chat say, has the service refuse the stream of all. */
  async #dropRefused(refusal: ApiProblem): Promise<void> {
    await Promise.all(
      [...this.#followed.values()].map(async (followed) => {
        try {
          if (refusal.status !== 404) throw refusal;
          await this.api.execution(followed.id);
        } catch (error) {
          if (isRefusal(error)) this.#drop(followed, error);
        }
      }),
    );
  }

  /** Doubles from try to try. */
  async #pause(signal: AbortSignal): Promise<void> {
    const ms = this.#pauseMs;
    this.#pauseMs = Math.min(ms * 2, longestPauseMs);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

/** Asking again would bring the same; anything else is a connection that broke. */
function isRefusal(error: unknown): error is ApiProblem {
  return error instanceof ApiProblem && error.status >= 400 && error.status < 500;
}
