import { KernelMessage } from '@jupyterlab/services';
import WebSocket from 'ws';
import { abortable } from './engine-deadlines.js';
import type { JupyterApi } from './jupyter-api.js';
import { readKernelMessage, readMessageId, type ReceivedMessage } from './kernel-messages.js';

/**
 * The largest message taken from a kernel. A larger one closes the socket before it is read, and what it and
 * the messages behind it held is lost.
 */
export const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

const PROTOCOL = KernelMessage.supportedKernelWebSocketProtocols.v1KernelWebsocketJupyterOrg;

export interface SocketOptions {
  readonly api: JupyterApi;
  readonly kernelId: string;
  /** Names this client to the server, which keeps what arrives while no socket of it is open. */
  readonly session: string;
  /**
   * Answers each message with a pong. Tornado leaves Nagle's algorithm on, which holds a message back until the
   * one before is acknowledged; a pong carries the acknowledgement at once (48 → 5 ms per execution).
   */
  readonly pong: boolean;
  readonly onMessage: (message: ReceivedMessage) => void;
  /** The socket closed and `close` was not called. */
  readonly onLost: () => void;
}

/** One open websocket to a kernel's channels. */
export class KernelSocket {
  #closed = false;

  private constructor(
    private readonly socket: WebSocket,
    private readonly options: SocketOptions,
  ) {
    socket.binaryType = 'arraybuffer';
    socket.on('message', (data) => {
      if (!this.#closed) this.#read(data as ArrayBuffer | Buffer);
    });
    socket.on('close', () => {
      if (!this.#closed) options.onLost();
      this.#closed = true;
    });
  }

  /**
   * Opens the socket. The server answers only when the kernel does, so this may take as long as its start.
   * Servers before Jupyter Server 2 know no subprotocol, which `ws` takes for a failure: ask them without.
   *
   * @throws Error of the socket, with the HTTP status in its message, or the signal's reason.
   */
  static async open(options: SocketOptions, signal: AbortSignal): Promise<KernelSocket> {
    try {
      return new KernelSocket(await connect(options, [PROTOCOL], signal), options);
    } catch (error) {
      if (!(error instanceof Error) || error.message !== 'Server sent no subprotocol') throw error;
      return new KernelSocket(await connect(options, [], signal), options);
    }
  }

  send(message: KernelMessage.IMessage): void {
    this.socket.send(this.options.api.serializer.serialize(message, this.socket.protocol));
  }

  /** Without the closing handshake: a server that does not answer would hold it up for 30 s. */
  close(): void {
    this.#closed = true;
    this.socket.terminate();
  }

  #read(data: ArrayBuffer | Buffer): void {
    if (this.options.pong) this.socket.pong();
    const message = this.#parse(data);
    if (message) this.options.onMessage(message);
  }

  /** Null for what is no message: the code in the kernel can put anything on its channels. */
  #parse(data: ArrayBuffer | Buffer): ReceivedMessage | null {
    try {
      const wire = Buffer.isBuffer(data) ? data.toString() : data;
      const message = this.options.api.serializer.deserialize(wire as ArrayBuffer, this.socket.protocol);
      return { id: readMessageId(message), event: readKernelMessage(message) };
    } catch {
      return null;
    }
  }
}

async function connect(options: SocketOptions, protocols: string[], signal: AbortSignal): Promise<WebSocket> {
  const { url, headers } = await abortable(options.api.channel(options.kernelId, options.session), signal);
  return await new Promise((resolve, reject) => {
    const socket = new WebSocket(url, protocols, {
      headers,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
    });
    const giveUp = (): void => {
      reject(signal.reason as Error);
      socket.terminate();
    };
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    socket.once('open', () => {
      signal.removeEventListener('abort', giveUp);
      resolve(socket);
    });
    // Stays on for the socket's life: `close` follows every error, and an error nobody hears ends the process.
    socket.on('error', (error) => {
      signal.removeEventListener('abort', giveUp);
      reject(error);
    });
  });
}
