import { randomUUID } from 'node:crypto';
import { abortable } from './engine-deadlines.js';
import { KernelDiedError, KernelStartError } from './engine.errors.js';
import type { ExecuteOptions, ExecuteReply, ExecutionListener, Kernel, KernelDeath } from './kernel.js';
import { EXITED, KernelLink, type LinkOptions } from './kernel-link.js';
import type { KernelEvent, ReceivedMessage, ShellReply } from './kernel-messages.js';
import { executeRequest, inputRefusal, kernelInfoRequest } from './kernel-requests.js';
import { Listeners } from './listeners.js';
import { PendingRequest } from './pending-request.js';

const RESTARTED: KernelDeath = {
  cause: 'exited',
  message: 'The kernel ended unexpectedly, and the engine started an empty one in its place.',
};
const SHUT_DOWN: KernelDeath = { cause: 'shut_down', message: 'The kernel was shut down.' };
export const DETACHED: KernelDeath = {
  cause: 'connection_lost',
  message: 'The service let go of the kernel.',
};

/**
 * A kernel of a Jupyter server. It speaks the protocol through `@jupyterlab/services`' messages and serialiser,
 * but not through its `KernelConnection`: that one throws out of a socket callback when a message is malformed,
 * and code in a kernel can send such a message, which would end this process.
 */
export class JupyterKernel implements Kernel {
  room: number | null = null;
  readonly #session = randomUUID();
  readonly #pending = new Map<string, PendingRequest>();
  readonly #deathListeners = new Listeners<KernelDeath>();
  readonly #link: KernelLink;
  #death: KernelDeath | null = null;
  /** The kernel process's own session, as of its last answer to us. */
  #life: string | null = null;

  private constructor(private readonly options: Omit<LinkOptions, 'session'>) {
    this.#link = new KernelLink(
      { ...options, session: this.#session },
      {
        received: (message) => this.#receive(message),
        restored: () => this.#findLostAnswers(),
        silent: () => this.#checkReplied(),
        died: (death) => this.die(death),
      },
    );
  }

  /** Connects to a kernel that was just started, and waits until it answers. @throws KernelStartError */
  static async started(options: Omit<LinkOptions, 'session'>, signal: AbortSignal): Promise<JupyterKernel> {
    const kernel = new JupyterKernel(options);
    try {
      await kernel.#link.open(signal);
      // Ours opens the socket when it has heard from the kernel itself.
      if (!options.ownServer) await abortable(kernel.#hearFromKernel(), signal);
      return kernel;
    } catch (error) {
      kernel.detach();
      throw new KernelStartError('The kernel was started but does not answer.', error);
    }
  }

  /** Connects to a kernel that may be busy. @throws what the socket says, or the signal's reason. */
  static async running(options: Omit<LinkOptions, 'session'>, signal: AbortSignal): Promise<JupyterKernel> {
    const kernel = new JupyterKernel(options);
    try {
      await kernel.#link.open(signal);
      return kernel;
    } catch (error) {
      kernel.detach();
      throw error;
    }
  }

  get id(): string {
    return this.options.kernelId;
  }

  get state(): 'alive' | 'dead' {
    return this.#death ? 'dead' : 'alive';
  }

  async execute(
    code: string,
    listener: ExecutionListener,
    options: ExecuteOptions = {},
  ): Promise<ExecuteReply> {
    const { signal, silent = false } = options;
    signal?.throwIfAborted();
    const message = executeRequest(this.#session, code, silent);
    const { status, executionCount, error } = await this.#request(message, listener, signal);
    return { status, executionCount: silent || status === 'aborted' ? null : executionCount, error };
  }

  async confirm(): Promise<void> {
    await this.#link.restore();
  }

  async interrupt(): Promise<void> {
    if (!this.#death) await this.options.api.interruptKernel(this.id);
  }

  async shutdown(): Promise<void> {
    this.die(SHUT_DOWN);
    if (this.options.ownServer && this.#death?.cause === 'engine_lost') return;
    await this.options.api.endKernel(this.id);
  }

  detach(): void {
    this.die(DETACHED);
  }

  onDeath(listener: (death: KernelDeath) => void): () => void {
    if (this.#death) {
      const death = this.#death;
      queueMicrotask(() => listener(death));
    }
    return this.#deathListeners.add(listener);
  }

  /** Ends everything under way; the first death is the one that counts. */
  die(death: KernelDeath): void {
    if (this.#death) return;
    this.#death = death;
    this.#link.close();
    for (const request of this.#pending.values()) request.fail(new KernelDiedError(death));
    this.#pending.clear();
    this.#deathListeners.emit(death);
  }

  #receive({ id, event }: ReceivedMessage): void {
    for (const request of this.#pending.values()) request.count(id);
    if (event) this.#take(event, id);
  }

  #take(event: KernelEvent, id: string): void {
    if (event.kind === 'status' && event.state === 'dead') this.die(EXITED);
    else if (event.kind === 'status' && event.state.endsWith('restarting')) this.die(RESTARTED);
    else if (event.kind === 'shutdown') this.die(EXITED);
    else if (event.kind === 'taken up') this.#leaveTo(event.session);
    else if (event.kind === 'input') this.#link.send(inputRefusal(this.#session, event.parentHeader));
    // A parent that is not under way is someone else's, or a thread that outlived its execution.
    else this.#pending.get(event.parent)?.take(event, id);
  }

  /**
   * Another process of the service uses the kernel now: hearing all of its output here too would only be a burden.
   * Kernels of our own server are nobody else's, whatever their code forges.
   */
  #leaveTo(session: string): void {
    if (session !== this.#session && this.#pending.size === 0 && !this.options.ownServer) this.detach();
  }

  /** Under a flood ZeroMQ drops messages, and the idle status that ends an execution may be among them. */
  #checkReplied(): void {
    if ([...this.#pending.values()].some((request) => request.isReplied)) this.#findLostAnswers();
  }

  /** The kernel answers in order: when it answers us now, it is done with everything it got before. */
  #findLostAnswers(): void {
    const before = [...this.#pending.values()];
    before.forEach((request) => request.doubt());
    this.#hearFromKernel().then(
      () => before.forEach((request) => request.answerIsLost()),
      () => undefined, // The link broke again, and is restored again, or the kernel died.
    );
  }

  async #hearFromKernel(): Promise<void> {
    const { session } = await this.#request(kernelInfoRequest(this.#session), null);
    if (this.#life !== null && this.#life !== session) this.die(RESTARTED);
    this.#life = session;
  }

  async #request(
    message: ReturnType<typeof executeRequest>,
    listener: ExecutionListener | null,
    signal?: AbortSignal,
  ): Promise<ShellReply> {
    if (this.#death) throw new KernelDiedError(this.#death);
    const request = new PendingRequest(listener);
    this.#pending.set(message.header.msg_id, request);
    const stopWaiting = (): void => request.fail(signal?.reason);
    signal?.addEventListener('abort', stopWaiting, { once: true });
    try {
      this.#link.send(message);
      this.#link.expectAnswers(true);
      return await request.answered;
    } finally {
      signal?.removeEventListener('abort', stopWaiting);
      this.#pending.delete(message.header.msg_id);
      this.#link.expectAnswers(this.#pending.size > 0);
    }
  }
}
