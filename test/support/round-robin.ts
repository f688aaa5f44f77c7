import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A plain proxy before several processes: each request goes to the next one. One that cannot be reached is a 502. */
export class RoundRobin {
  private next = 0;

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  /** @param targets asked for each request: processes come and go */
  static async before(targets: () => readonly string[]): Promise<RoundRobin> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const proxy = new RoundRobin(url, server);
    server.on('request', (incoming, response) => proxy.pass(incoming, response, targets()));
    return proxy;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private pass(incoming: IncomingMessage, response: ServerResponse, targets: readonly string[]): void {
    const target = targets[this.next++ % targets.length] ?? '';
    const { method, headers, url = '/' } = incoming;
    const outgoing = request(new URL(url, target), { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.once('error', () => response.destroy());
    });
    outgoing.once('error', () => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
    response.once('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  }
}
