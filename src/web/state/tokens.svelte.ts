import { untrack } from 'svelte';
import type { TokenSource } from '../api/http.ts';
import { ApiProblem } from '../api/problem.ts';
import { texts } from '../texts.ts';

/** Asks the page for a token; the page may answer later, by {@link Tokens.set}. */
export type TokenRequest = () => void;

/** The bearer token of one service. It lives in memory only. Who needs one waits until the page gave one. */
export class Tokens implements TokenSource {
  #token = $state.raw<string | null>(null);
  readonly #waiting: PromiseWithResolvers<string>[] = [];

  constructor(private readonly ask: TokenRequest) {}

  /** Whether there is a token that was not rejected. */
  get present(): boolean {
    return this.#token !== null;
  }

  set(token: string | null): void {
    this.#token = token === '' ? null : token;
    if (this.#token === null) return;
    for (const { resolve } of this.#waiting.splice(0)) resolve(this.#token);
  }

  /** The user leaves: what waits was theirs, and must not go on as somebody else. */
  end(): void {
    this.#token = null;
    for (const { reject } of this.#waiting.splice(0))
      reject(new ApiProblem(401, 'signed_out', texts.signedOut));
  }

  async get(): Promise<string> {
    // A request that an effect makes must not be made again because the token changed.
    const token = untrack(() => this.#token);
    if (token !== null) return token;
    const waiting = Promise.withResolvers<string>();
    this.#waiting.push(waiting);
    if (this.#waiting.length === 1) this.ask();
    return await waiting.promise;
  }

  reject(token: string): void {
    if (this.#token === token) this.#token = null;
  }
}
