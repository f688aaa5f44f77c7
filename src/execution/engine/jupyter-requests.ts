import { ServerConnection } from '@jupyterlab/services';
import { DomainError } from '../../errors/index.js';
import { deadlineSignal, type EngineDeadlines } from './engine-deadlines.js';
import { EngineUnavailableError } from './engine.errors.js';
import { jupyterFetch } from './jupyter-fetch.js';
import { JupyterSession } from './jupyter-session.js';
import { reachFailure } from './reach-failure.js';

/** Where a Jupyter server is and how to be let in. */
export interface JupyterServerAddress {
  /** With a trailing slash, base path included. */
  readonly url: string;
  readonly token: string | null;
  /** Of a server without token; null with one, and for a server that lets everybody in. */
  readonly password: string | null;
}

export interface RequestOptions {
  readonly body?: string;
  readonly deadlineMs?: number;
  /** Which 403 is an answer to the request, and no refusal of our credentials. */
  readonly isAnswer?: (text: string) => boolean;
}

export interface JupyterAnswer {
  readonly what: string;
  readonly status: number;
  readonly text: string;
}

/**
 * Requests to one Jupyter server. Each has a deadline; a server that is down, too slow, or refuses our credentials
 * is an `EngineUnavailableError`.
 */
export class JupyterRequests {
  readonly settings: ServerConnection.ISettings;
  readonly #session: JupyterSession | null;

  constructor(
    private readonly address: JupyterServerAddress,
    private readonly deadlines: EngineDeadlines,
  ) {
    const { url, token, password } = address;
    this.settings = ServerConnection.makeSettings({
      baseUrl: url,
      token: token ?? '',
      appendToken: false,
      fetch: jupyterFetch,
    });
    this.#session = password === null ? null : new JupyterSession(url, password, deadlines.callMs);
  }

  async send(method: string, path: string, options: RequestOptions = {}): Promise<JupyterAnswer> {
    const { deadlineMs = this.deadlines.callMs } = options;
    try {
      const answer = await this.#sendLoggedIn(method, path, { ...options, deadlineMs });
      if (!isRefused(answer, options)) return answer;
      throw new EngineUnavailableError('The engine refuses the token or password.', unexpected(answer));
    } catch (error) {
      if (error instanceof DomainError) throw error;
      throw new EngineUnavailableError(
        `The engine did not answer (${reachFailure(error, deadlineMs)}).`,
        error,
      );
    }
  }

  /** What lets a websocket in; the token is no part of its URL. */
  async channelHeaders(): Promise<Record<string, string>> {
    const { token } = this.address;
    const session = await this.#session?.headers();
    return { ...session, ...(token === null ? {} : { Authorization: `token ${token}` }) };
  }

  /** Logs in again when the server, started anew, does not know the session any more. */
  async #sendLoggedIn(method: string, path: string, options: RequestOptions): Promise<JupyterAnswer> {
    const headers = await this.#session?.headers();
    const answer = await this.#send(method, path, { ...options, headers });
    if (!this.#session || !headers || !isRefused(answer, options)) return answer;
    await this.#session.forget(headers);
    return await this.#send(method, path, { ...options, headers: await this.#session.headers() });
  }

  async #send(
    method: string,
    path: string,
    {
      body,
      deadlineMs = this.deadlines.callMs,
      headers,
    }: RequestOptions & { headers?: Readonly<Record<string, string>> | undefined },
  ): Promise<JupyterAnswer> {
    const init = {
      method,
      signal: deadlineSignal(deadlineMs),
      headers: { ...headers },
      ...(body === undefined ? {} : { body }),
    };
    const url = new URL(path, this.settings.baseUrl).href;
    const response = await ServerConnection.makeRequest(url, init, this.settings);
    return { what: `${method} ${path}`, status: response.status, text: await response.text() };
  }
}

function isRefused({ status, text }: JupyterAnswer, { isAnswer }: RequestOptions): boolean {
  return status === 401 || (status === 403 && isAnswer?.(text) !== true);
}

/** For the log only: a server's message can tell paths of its host. */
export function unexpected(answer: JupyterAnswer): Error {
  return new Error(`${answer.what} answered ${String(answer.status)}: ${answer.text.slice(0, 2000)}`);
}
