import { setTimeout as delay } from 'node:timers/promises';
import type { ServerConnection } from '@jupyterlab/services';
import type { EngineDeadlines } from './engine-deadlines.js';
import { EngineFullError, EngineUnavailableError, KernelStartError } from './engine.errors.js';
import {
  JupyterRequests,
  unexpected,
  type JupyterAnswer,
  type JupyterServerAddress,
} from './jupyter-requests.js';
import { isFull, startRefusal } from './start-refusal.js';

/** What the server knows of a kernel; `gone`: nothing, or that it is dead. */
export type KernelCondition = 'idle' | 'busy' | 'gone';

/** What `POST /api/kernels` asks for. */
export interface KernelRequest {
  /** Kernel spec; null takes the server's default. */
  readonly name: string | null;
  readonly directory: string;
  /**
   * For a gateway, which hands the variables to the kernel's launcher; a Jupyter Server ignores them. Always sent:
   * Enterprise Gateway 3.3 may start a kernel that comes without them with those of another one.
   */
  readonly environment: Readonly<Record<string, string>>;
}

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
  readonly #requests: JupyterRequests;
  readonly #deadlines: EngineDeadlines;

  constructor(address: JupyterServerAddress, deadlines: EngineDeadlines) {
    this.#requests = new JupyterRequests(address, deadlines);
    this.#deadlines = deadlines;
  }

  get serializer(): ServerConnection.ISettings['serializer'] {
    return this.#requests.settings.serializer;
  }

  /** The kernel's message channel, and the headers that let us in. */
  async channel(
    kernelId: string,
    session: string,
  ): Promise<{ url: string; headers: Record<string, string> }> {
    const path = `api/kernels/${encodeURIComponent(kernelId)}/channels?session_id=${session}`;
    return {
      url: new URL(path, this.#requests.settings.wsUrl).href,
      headers: await this.#requests.channelHeaders(),
    };
  }

  /** @throws EngineFullError, or KernelStartError when the server refuses for another reason. */
  async startKernel({ name, directory, environment }: KernelRequest): Promise<KernelModel> {
    const body = JSON.stringify({
      ...(name === null ? {} : { name }),
      path: directory,
      env: environment,
    });
    const answer = await this.#requests.send('POST', 'api/kernels', {
      body,
      deadlineMs: this.#deadlines.startMs,
      isAnswer: (text) => isFull(text) || startRefusal(text) !== null,
    });
    if (answer.status === 201) return parse(answer, 201) as KernelModel;
    if (answer.status === 429 || isFull(answer.text)) throw new EngineFullError();
    const why = startRefusal(answer.text);
    const sentence = `The engine refused to start a kernel${why === null ? '' : `: ${why}`}.`;
    throw new KernelStartError(sentence, unexpected(answer));
  }

  /** What the server knows of the kernel; null when it does not know it. */
  async find(kernelId: string, deadlineMs = this.#deadlines.callMs): Promise<KernelModel | null> {
    const answer = await this.#requests.send('GET', kernelPath(kernelId), { deadlineMs });
    return answer.status === 404 ? null : (parse(answer, 200) as KernelModel);
  }

  async kernelCondition(kernelId: string, deadlineMs?: number): Promise<KernelCondition> {
    return conditionOf(await this.find(kernelId, deadlineMs));
  }

  /** The answer to a GET of JSON; null when the server has nothing under that path. */
  async ask<T>(path: string): Promise<T | null> {
    const answer = await this.#requests.send('GET', path);
    return answer.status === 404 ? null : (parse(answer, 200) as T);
  }

  /** Sends the interrupt; a kernel that is gone needs none. */
  async interruptKernel(kernelId: string): Promise<void> {
    const answer = await this.#requests.send('POST', `${kernelPath(kernelId)}/interrupt`);
    if (answer.status !== 404) expectStatus(answer, 204);
  }

  /** Resolves when the server says the kernel is gone. While it restarts a dead one, it fails to end it. */
  async endKernel(kernelId: string): Promise<void> {
    const until = Date.now() + this.#deadlines.callMs;
    for (;;) {
      const answer = await this.#requests.send('DELETE', kernelPath(kernelId));
      if (answer.status === 204 || answer.status === 404) return;
      if (answer.status < 500 || Date.now() > until) expectStatus(answer, 204);
      await delay(RETRY_MS);
    }
  }

  async listKernels(): Promise<string[]> {
    const answer = await this.#requests.send('GET', 'api/kernels');
    return (parse(answer, 200) as KernelModel[]).map((model) => model.id);
  }

  /** The default kernel spec's name and all names there are. */
  async kernelSpecs(): Promise<{ default: string; names: string[] }> {
    const answer = await this.#requests.send('GET', 'api/kernelspecs');
    const specs = parse(answer, 200) as { default: string; kernelspecs: Record<string, unknown> };
    return { default: specs.default, names: Object.keys(specs.kernelspecs) };
  }
}

export function conditionOf(model: KernelModel | null): KernelCondition {
  if (model === null || model.execution_state === 'dead') return 'gone';
  return model.execution_state === 'idle' ? 'idle' : 'busy';
}

function kernelPath(kernelId: string): string {
  return `api/kernels/${encodeURIComponent(kernelId)}`;
}

function parse(answer: JupyterAnswer, status: number): unknown {
  expectStatus(answer, status);
  try {
    return JSON.parse(answer.text) as unknown;
  } catch {
    throw new EngineUnavailableError('The engine gave an unexpected answer.', unexpected(answer));
  }
}

function expectStatus(answer: JupyterAnswer, status: number): void {
  if (answer.status === status) return;
  throw new EngineUnavailableError('The engine gave an unexpected answer.', unexpected(answer));
}
