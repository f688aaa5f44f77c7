import { readdir, readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import type { ExecutionDto } from '../../src/execution/index.js';
import { aService, type TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';
import { anEventStream, hasPrinted } from '../support/event-stream.js';
import { until } from '../support/until.js';

const SOAK = process.env.SOAK === '1';
const CLIENTS = SOAK ? 200 : 60;
const ROUNDS = SOAK ? 10 : 2;
const MIB = 1024 ** 2;

const CHATTY = "import time\nwhile True: print('x' * 5000); time.sleep(0.002)";

describe('many clients of a stream', () => {
  let service: TestService;
  let alice: ApiClient;

  beforeAll(async () => {
    // With so little room a leak of a few rounds ends the service.
    service = await aService({ NODE_OPTIONS: '--max-old-space-size=384' });
    alice = await service.as('alice');
  });

  afterAll(async () => {
    await service.remove();
  });

  const descriptors = async (): Promise<number> => (await readdir(`/proc/${String(service.pid)}/fd`)).length;
  const memory = async (): Promise<number> => {
    const status = await readFile(`/proc/${String(service.pid)}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
  };

  /** A client that asks for the stream and never reads it. */
  async function aSlowClient(path: string): Promise<Socket> {
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.pause();
    socket.on('error', () => undefined);
    socket.write(
      `GET /api/v1${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${alice.authorization}\r\nAccept: text/event-stream\r\n\r\n`,
    );
    return socket;
  }

  async function aRound(): Promise<void> {
    const first = await anEventStream(alice, { code: CHATTY, message_id: 'chatty' });
    const [started] = await first.until(hasPrinted);
    const path = `/executions/${(started?.data as unknown as ExecutionDto).id}`;
    const slow = await Promise.all(Array.from({ length: CLIENTS / 2 }, () => aSlowClient(`${path}/events`)));
    const vanishing = await Promise.all(
      Array.from({ length: CLIENTS / 2 }, () => anEventStream(alice, `${path}/events`)),
    );
    await Promise.all(vanishing.map((stream) => stream.until(() => true)));
    for (const stream of vanishing) stream.leave();
    const rest = first.rest();
    await alice.request('DELETE', path);
    expect((await rest).at(-1)?.data.status).toBe('interrupted');
    for (const socket of slow) socket.destroy();
  }

  it(
    'leaves no memory, descriptor or run behind, whether they are slow or vanish',
    async () => {
      await aRound();
      const before = await descriptors();
      for (let round = 0; round < ROUNDS; round += 1) await aRound();
      await until(async () => (await descriptors()) <= before + 2);
      expect(await memory()).toBeLessThan(900 * MIB);
      const { body } = await alice.get<{ items: unknown[] }>('/executions?status=running');
      expect(body.items).toEqual([]);
    },
    SOAK ? 1_200_000 : 60_000,
  );
});
