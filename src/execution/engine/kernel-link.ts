import { setTimeout as delay } from 'node:timers/promises';
import type { KernelMessage } from '@jupyterlab/services';
import type { EngineDeadlines } from './engine-deadlines.js';
import type { JupyterApi, KernelCondition } from './jupyter-api.js';
import type { KernelDeath } from './kernel.js';
import type { ReceivedMessage } from './kernel-messages.js';
import { KernelSocket } from './kernel-socket.js';

export interface LinkOptions {
  readonly api: JupyterApi;
  readonly kernelId: string;
  readonly session: string;
  /** The server is our child: it sends without delay, and its kernels end with it. */
  readonly ownServer: boolean;
  readonly deadlines: EngineDeadlines;
}

export interface LinkOwner {
  received(message: ReceivedMessage): void;
  /** Connected again after a loss; messages of the time between may be missing. */
  restored(): void;
  /** Answers are due, and nothing came for a while. */
  silent(): void;
  /** The kernel is gone or cannot be reached any more; the link is closed. */
  died(death: KernelDeath): void;
}

const RETRY_MS = 200;

/**
 * Keeps a kernel's channels connected. A socket can break although the kernel lives (a proxy's idle time-out, a
 * message that is too large), and stay silent although the kernel is gone (the host vanished): so a loss and a
 * long silence both make it ask the server, then reconnect, or give up after `lossMs`.
 */
export class KernelLink {
  #socket: KernelSocket | null = null;
  #unsent: KernelMessage.IMessage[] = [];
  #recovering: Promise<void> | null = null;
  /** Somebody waits for the link although no answer is due. */
  #wanted = false;
  #closed = false;
  #watch: NodeJS.Timeout | null = null;
  #heardAt = 0;
  #seemedIdle = false;

  constructor(
    private readonly options: LinkOptions,
    private readonly owner: LinkOwner,
  ) {}

  /** The first connection. @throws what the socket says, or the signal's reason. */
  async open(signal: AbortSignal): Promise<void> {
    const socket = await this.#connect(signal);
    if (this.#closed) socket.close();
    else this.#socket = socket;
  }

  /** Sends now, or as soon as the link stands again. */
  send(message: KernelMessage.IMessage): void {
    if (this.#socket) {
      this.#socket.send(message);
      return;
    }
    this.#unsent.push(message);
    void this.#recover();
  }

  /** Before a use after a pause: resolves when the link stands, or is closed because it cannot. */
  async restore(): Promise<void> {
    if (this.#socket || this.#closed) return;
    this.#wanted = true;
    try {
      await this.#recover();
    } finally {
      this.#wanted = false;
    }
  }

  /** Turns the watch against silence on while answers are due, off when none are. */
  expectAnswers(due: boolean): void {
    if (due === (this.#watch !== null) || this.#closed) return;
    this.#heardAt = Date.now();
    this.#seemedIdle = false;
    if (this.#watch) clearInterval(this.#watch);
    this.#watch = due ? setInterval(() => void this.#listen(), this.options.deadlines.silenceMs / 2) : null;
  }

  close(): void {
    this.expectAnswers(false);
    this.#closed = true;
    this.#unsent = [];
    this.#socket?.close();
    this.#socket = null;
  }

  #connect(signal: AbortSignal): Promise<KernelSocket> {
    return KernelSocket.open(
      {
        ...this.options,
        pong: !this.options.ownServer,
        onMessage: (message) => {
          this.#heardAt = Date.now();
          this.#seemedIdle = false;
          this.owner.received(message);
        },
        onLost: () => {
          this.#socket = null;
          void this.#recover();
        },
      },
      signal,
    );
  }

  async #recover(): Promise<void> {
    if (this.#closed) return;
    this.#recovering ??= this.#reconnectOrGiveUp().finally(() => (this.#recovering = null));
    await this.#recovering;
  }

  async #reconnectOrGiveUp(): Promise<void> {
    const death = await this.#reconnect(Date.now() + this.options.deadlines.lossMs);
    if (death) this.#giveUp(death);
  }

  /** Resolves with null when the link stands or was closed meanwhile, else with why it cannot. */
  async #reconnect(until: number): Promise<KernelDeath | null> {
    let condition: KernelCondition | 'unreachable' = 'unreachable';
    for (let left = until - Date.now(); left > 0; left = until - Date.now()) {
      condition = await this.#ask(left);
      if (this.#isClosed()) return null;
      if (condition === 'gone') return EXITED;
      if (condition !== 'unreachable' && (await this.#reopen(until - Date.now()))) return null;
      await delay(RETRY_MS);
      if (this.#isClosed()) return null;
    }
    return condition === 'unreachable' ? ENGINE_LOST : CONNECTION_LOST;
  }

  async #reopen(leftMs: number): Promise<boolean> {
    try {
      await this.open(AbortSignal.timeout(Math.max(leftMs, 1)));
    } catch {
      return false;
    }
    for (const message of this.#unsent.splice(0)) this.#socket?.send(message);
    if (!this.#isClosed()) this.owner.restored();
    return true;
  }

  #giveUp(death: KernelDeath): void {
    // Nothing waits for an idle kernel: it may outlive a break of the network, and is asked at its next use.
    const isAwaited = this.#wanted || this.#watch !== null || this.#unsent.length > 0;
    if (death.cause !== 'exited' && !isAwaited) return;
    this.close();
    this.owner.died(death);
  }

  /** Runs while answers are due: a long silence is fine only if the kernel is busy and there. */
  async #listen(): Promise<void> {
    if (this.#recovering !== null || Date.now() - this.#heardAt < this.options.deadlines.silenceMs) return;
    this.owner.silent();
    const condition = await this.#ask(this.options.deadlines.callMs);
    if (condition === 'busy' || this.#watch === null) return;
    if (condition === 'idle' && !this.#seemedIdle) {
      this.#seemedIdle = true;
      return;
    }
    this.#socket?.close();
    this.#socket = null;
    await this.#recover();
  }

  async #ask(leftMs: number): Promise<KernelCondition | 'unreachable'> {
    const { api, kernelId, deadlines } = this.options;
    try {
      return await api.kernelCondition(kernelId, Math.max(1, Math.min(leftMs, deadlines.callMs)));
    } catch {
      return 'unreachable';
    }
  }

  /** A method, because the compiler cannot know that the field changes during an await. */
  #isClosed(): boolean {
    return this.#closed;
  }
}

export const EXITED: KernelDeath = { cause: 'exited', message: 'The kernel ended unexpectedly.' };
export const ENGINE_LOST: KernelDeath = {
  cause: 'engine_lost',
  message: 'The engine that ran the kernel cannot be reached any more.',
};
const CONNECTION_LOST: KernelDeath = {
  cause: 'connection_lost',
  message: 'The connection to the kernel broke and could not be restored.',
};
