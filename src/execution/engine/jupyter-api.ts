import { setTimeout as delay } from 'node:timers/promises';
import { ServerConnection } from '@jupyterlab/services';
import { DomainError } from '../../errors/index.js';
import { deadlineSignal, type EngineDeadlines } from './engine-deadlines.js';
import { EngineFullError, EngineUnavailableError, KernelStartError } from './engine.errors.js';
import { jupyterFetch } from './jupyter-fetch.js';

/** Where a Jupyter server is and how to be let in. */
export interface JupyterServerAddress {
  /** With a trailing slash, base path included. */
  readonly url: string;
  readonly token: string | null;
  /** Sent with every request and every channel, for servers that want a cookie instead of a token. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the server knows of a kernel; `gone`: nothing, or that it is dead. */
export type KernelCondition = 'idle' | 'busy' | 'gone';

const RETRY_MS = 300;

export interface KernelModel {
  readonly id: string;
  readonly execution_state?: string;
  /** Of our own server only; see `pidHere`. */
  readonly room?: unknown;
}

/**
 * The REST side of one Jupyter server (`/api/kernels`, `/api/kernelspecs`). Every call has a deadline; a server
 * that is down, too slow, or refuses our credentials is an `EngineUnavailableError`.
 *
 * @see https://jupyter-server.readthedocs.io/en/latest/developers/rest-api.html
 */
export class JupyterApi {
  readonly #settings: ServerConnection.ISettings;
  readonly #address: JupyterServerAddress;
  readonly #deadlines: EngineDeadlines;

  constructor(address: JupyterServerAddress, deadlines: EngineDeadlines) {
    this.#address = address;
    this.#deadlines = deadlines;
    this.#settings = ServerConnection.makeSettings({
      baseUrl: address.url,
      token: address.token ?? '',
      appendToken: false,
      fetch: jupyterFetch,
      init: { headers: { ...address.headers } },
    });
  }

  get serializer(): ServerConnection.ISettings['serializer'] {
    return this.#settings.serializer;
  }

  /** The kernel's message channel, and the headers that let us in; the token is no part of the URL. */
  channel(kernelId: string, session: string): { url: string; headers: Record<string, string> } {
    const path = `api/kernels/${encodeURIComponent(kernelId)}/channels?session_id=${session}`;
    const token = this.#address.token;
    return {
      url: new URL(path, this.#settings.wsUrl).href,
      headers: { ...this.#address.headers, ...(token === null ? {} : { Authorization: `token ${token}` }) },
    };
  }

  /** Asks for a kernel in `directory`; `name` null takes the server's default. @throws EngineFullError */
  async startKernel(name: string | null, directory: string): Promise<KernelModel> {
    const body = JSON.stringify({ ...(name === null ? {} : { name }), path: directory });
    const { startMs } = this.#deadlines;
    const answer = await this.#request('POST', 'api/kernels', { body, deadlineMs: startMs });
    if (answer.status === 429) throw new EngineFullError();
    if (answer.status !== 201) {
      throw new KernelStartError('The engine refused to start a kernel.', unexpected(answer));
    }
    return parse(answer, 201) as KernelModel;
  }

  /** What the server knows of the kernel; null when it does not know it. */
  async find(kernelId: string, deadlineMs = this.#deadlines.callMs): Promise<KernelModel | null> {
    const answer = await this.#request('GET', kernelPath(kernelId), { deadlineMs });
    return answer.status === 404 ? null : (parse(answer, 200) as KernelModel);
  }

  async kernelCondition(kernelId: string, deadlineMs?: number): Promise<KernelCondition> {
    return conditionOf(await this.find(kernelId, deadlineMs));
  }

  /** The answer to a GET of JSON; null when the server has nothing under that path. */
  async ask<T>(path: string): Promise<T | null> {
    const answer = await this.#request('GET', path);
    return answer.status === 404 ? null : (parse(answer, 200) as T);
  }

  /** Sends the interrupt; a kernel that is gone needs none. */
  async interruptKernel(kernelId: string): Promise<void> {
    const answer = await this.#request('POST', `${kernelPath(kernelId)}/interrupt`);
    if (answer.status !== 404) expectStatus(answer, 204);
  }

  /** Resolves when the server says the kernel is gone. While it restarts a dead one, it fails to end it. */
  async endKernel(kernelId: string): Promise<void> {
    const until = Date.now() + this.#deadlines.callMs;
    for (;;) {
      const answer = await this.#request('DELETE', kernelPath(kernelId));
      if (answer.status === 204 || answer.status === 404) return;
      if (answer.status < 500 || Date.now() > until) expectStatus(answer, 204);
      await delay(RETRY_MS);
    }
  }

  async listKernels(): Promise<string[]> {
    const answer = await this.#request('GET', 'api/kernels');
    return (parse(answer, 200) as KernelModel[]).map((model) => model.id);
  }

  /** The default kernel spec's name and all names there are. */
  async kernelSpecs(): Promise<{ default: string; names: string[] }> {
    const answer = await this.#request('GET', 'api/kernelspecs');
    const specs = parse(answer, 200) as { default: string; kernelspecs: Record<string, unknown> };
    return { default: specs.default, names: Object.keys(specs.kernelspecs) };
  }

  async #request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const { deadlineMs = this.#deadlines.callMs } = options;
    try {
      const answer = await this.#send(method, path, options);
      if (answer.status !== 401 && answer.status !== 403) return answer;
      throw new EngineUnavailableError('The engine refuses the token or password.', unexpected(answer));
    } catch (error) {
      if (error instanceof DomainError) throw error;
      throw new EngineUnavailableError(
        `The engine did not answer (${reachFailure(error, deadlineMs)}).`,
        error,
      );
    }
  }

  async #send(method: string, path: string, { body, deadlineMs }: RequestOptions): Promise<Answer> {
    const signal = deadlineSignal(deadlineMs ?? this.#deadlines.callMs);
    const init = { method, signal, ...(body === undefined ? {} : { body }) };
    const url = new URL(path, this.#settings.baseUrl).href;
    const response = await ServerConnection.makeRequest(url, init, this.#settings);
    return { what: `${method} ${path}`, status: response.status, text: await response.text() };
  }
}

interface RequestOptions {
  readonly body?: string;
  readonly deadlineMs?: number;
}

interface Answer {
  readonly what: string;
  readonly status: number;
  readonly text: string;
}

export function conditionOf(model: KernelModel | null): KernelCondition {
  if (model === null || model.execution_state === 'dead') return 'gone';
  return model.execution_state === 'idle' ? 'idle' : 'busy';
}

function kernelPath(kernelId: string): string {
  return `api/kernels/${encodeURIComponent(kernelId)}`;
}

function parse(answer: Answer, status: number): unknown {
  expectStatus(answer, status);
  try {
    return JSON.parse(answer.text) as unknown;
  } catch {
    throw new EngineUnavailableError('The engine gave an unexpected answer.', unexpected(answer));
  }
}

function expectStatus(answer: Answer, status: number): void {
  if (answer.status === status) return;
  throw new EngineUnavailableError('The engine gave an unexpected answer.', unexpected(answer));
}

/** For the log only: a server's message can tell paths of its host. */
function unexpected(answer: Answer): Error {
  return new Error(`${answer.what} answered ${String(answer.status)}: ${answer.text.slice(0, 2000)}`);
}

function reachFailure(error: unknown, deadlineMs: number): string {
  const timedOut = error instanceof Error && /timeout/i.test(`${error.name} ${error.message}`);
  return timedOut ? `no answer in ${String(deadlineMs / 1000)} s` : 'it cannot be reached';
}
