import { once } from 'node:events';
import { get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { SseWriter } from './sse-writer.js';

/** More than the sockets of a connection hold. */
const HUGE = 'x'.repeat(32 * 1024 ** 2);
const STALLED_MS = 200;

describe('SseWriter', () => {
  let server: Server;
  let writer: SseWriter;
  let answer: IncomingMessage;
  let told: AsyncIterator<string>;

  beforeEach(async () => {
    // The clock of pings only: connections need theirs.
    import.meta.jest.useFakeTimers({
      doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'setTimeout', 'clearTimeout'],
    });
    const app = express().get('/', (_request, response) => {
      writer = new SseWriter(response, STALLED_MS);
    });
    server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    [answer] = (await once(get({ port, host: '127.0.0.1' }), 'response')) as [IncomingMessage];
    told = answer.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string>;
  });

  afterEach(() => {
    import.meta.jest.useRealTimers();
    answer.destroy();
    server.close();
  });

  it('says that it lives', async () => {
    import.meta.jest.advanceTimersByTime(15_000);
    expect((await told.next()).value).toBe(': ping\n\n');
  });

  it('waits for who does not read, and pings them only once they have', async () => {
    writer.write('stdout', 2, { text: HUGE });
    const ready = writer.ready();
    await new Promise(setImmediate);
    import.meta.jest.advanceTimersByTime(15_000);
    const chunks: string[] = [];
    while (chunks.at(-1)?.endsWith('\n\n') !== true) chunks.push((await told.next()).value as string);
    await ready;
    expect(chunks.join('')).not.toContain(': ping');
    import.meta.jest.advanceTimersByTime(15_000);
    expect((await told.next()).value).toBe(': ping\n\n');
  });

  it('lets go of who leaves without reading', async () => {
    writer.write('stdout', 2, { text: HUGE });
    const ready = writer.ready();
    answer.destroy();
    await ready;
    expect(writer.signal.aborted).toBe(true);
    writer.write('stdout', 3, { text: 'never told' });
  });

  it('cuts off who stays and takes nothing', async () => {
    writer.write('stdout', 2, { text: HUGE });
    await writer.ready();
    expect(writer.signal.aborted).toBe(true);
    await expect(answer.toArray()).rejects.toThrow('aborted');
  });

  it('tells several executions by their ids', async () => {
    const [one, two] = [writer.of('e-1'), writer.of('e-2')];
    one.write('stdout', 2, { text: 'a' });
    two.write('stdout', 7, { text: 'b' });
    writer.end();
    let text = '';
    for await (const chunk of { [Symbol.asyncIterator]: () => told }) text += chunk;
    expect(text).toBe(
      'event: stdout\nid: e-1:2\ndata: {"execution_id":"e-1","text":"a"}\n\n' +
        'event: stdout\nid: e-2:7\ndata: {"execution_id":"e-2","text":"b"}\n\n',
    );
  });
});
