import type { TokenSource } from '../api/http.ts';

/** Asks the page for a token; the page may answer later, by {@link Tokens.set}. */
export type TokenRequest = () => void;

/** The bearer token of one service. It lives in memory only. Who needs one waits until the page gave one. */
export class Tokens implements TokenSource {
  #token = $state.raw<string | null>(null);
  #waiting: ((token: string) => void)[] = [];

  constructor(private readonly ask: TokenRequest) {}

  /** Whether there is a token that was not rejected. */
  get present(): boolean {
    return this.#token !== null;
  }

  set(token: string | null): void {
    this.#token = token === '' ? null : token;
    if (this.#token === null) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume(this.#token);
  }

  async get(): Promise<string> {
    if (this.#token !== null) return this.#token;
    return await new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) this.ask();
    });
  }

  reject(token: string): void {
    if (this.#token === token) this.#token = null;
  }
}
