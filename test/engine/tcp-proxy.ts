import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A network between an engine and its server that can break. */
export class TcpProxy {
  readonly #sockets = new Set<Socket>();
  #open = true;
  #onRefusal: () => void = () => undefined;

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async to(target: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(target);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new TcpProxy(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`, server);
    server.on('connection', (near) => {
      if (proxy.#open) proxy.#join(near, connect(Number(port), hostname));
      else proxy.#refuse(near);
    });
    return proxy;
  }

  /** New connections work again. */
  open(): void {
    this.#open = true;
  }

  /** New connections are refused, and those there are break. */
  close(): void {
    this.#open = false;
    this.breakConnections();
  }

  breakConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Connections stay, and nothing comes through any more, as when a host vanishes. */
  freeze(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  /** What comes on the connections there are is lost; resolves when that had `text` in it. */
  async swallow(text: string): Promise<void> {
    await new Promise<void>((resolve) => {
      for (const socket of this.#sockets) {
        let lost = '';
        socket.unpipe().on('data', (chunk: Buffer) => {
          lost += chunk.toString('latin1');
          if (lost.includes(text)) resolve();
        });
        socket.resume();
      }
    });
  }

  /** Resolves when nobody tried to connect for `ms`. */
  async leftAlone(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const patience = setTimeout(resolve, ms);
      this.#onRefusal = () => patience.refresh();
    });
  }

  async stop(): Promise<void> {
    this.close();
    this.server.close();
    await once(this.server, 'close');
  }

  #refuse(socket: Socket): void {
    socket.destroy();
    this.#onRefusal();
  }

  #join(near: Socket, far: Socket): void {
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
