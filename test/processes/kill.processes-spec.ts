import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionDto } from '../../src/execution/index.js';
import type { ApiClient } from '../support/api-client.js';
import { anEventStream, hasPrinted } from '../support/event-stream.js';
import { until } from '../support/until.js';
import { account, expectNothingLost, writingCode } from '../crash/journal.js';
import { SeveralProcesses } from './several-processes.js';

const SOAK = process.env.SOAK === '1';
const KILLS = SOAK ? 60 : 2;
const MESSAGES = ['m1', 'm2', 'm3', 'm4'];
const MINUTE = 60_000;

/** One request as a careful client sends it: again under the same key until there is an answer. */
async function insistentRun(client: ApiClient, messageId: string, run: number): Promise<ExecutionDto> {
  const body = { code: writingCode(messageId, run), message_id: messageId };
  for (;;) {
    const answer = await client
      .request<ExecutionDto>('POST', '/executions', body, {
        'Idempotency-Key': `${messageId}-${String(run)}`,
      })
      .catch(() => null);
    if (answer?.status === 200) return answer.body;
    await delay(50); // its process died, or leaves
  }
}

describe('three processes of which one after the other is killed', () => {
  let service: SeveralProcesses;
  let client: ApiClient;

  beforeAll(async () => {
    service = await SeveralProcesses.start(3);
    client = (await service.clients('alice')).any;
  }, 3 * MINUTE);

  afterAll(async () => {
    await service.stop();
  }, MINUTE);

  it(
    'lose and double no run and no file',
    async () => {
      const stop = new AbortController();
      const answered = new Map<string, ExecutionDto[]>(MESSAGES.map((id) => [id, []]));
      const runners = MESSAGES.map(async (messageId) => {
        for (let run = 0; !stop.signal.aborted; run += 1)
          answered.get(messageId)!.push(await insistentRun(client, messageId, run));
      });
      const count = (): number => [...answered.values()].reduce((sum, runs) => sum + runs.length, 0);
      for (let kills = 0; kills < KILLS; kills += 1) {
        const before = count();
        await until(async () => {
          await delay(10);
          return count() > before + MESSAGES.length;
        });
        const victim = service.processes[kills % service.processes.length]!;
        await victim.kill();
        await victim.start();
      }
      stop.abort();
      await Promise.all(runners);

      for (const messageId of MESSAGES) {
        await expectNothingLost(client, messageId);
        const runs = answered.get(messageId)!;
        expect(new Set(runs.map(({ id }) => id)).size).toBe(runs.length);
        expect(runs.filter(({ status }) => status !== 'ok' && status !== 'died')).toEqual([]);
        const { written } = await account(client, messageId);
        const contents = written.map(({ content }) => content);
        expect(contents).toEqual([...new Set(contents)]);
        for (const [run, { status }] of runs.entries()) {
          const own = contents.filter((content) => content.startsWith(`${messageId} ${String(run)} `));
          expect([run, own.length]).toEqual([run, status === 'ok' ? 3 : expect.any(Number)]);
        }
      }
      expect(count()).toBeGreaterThan(KILLS * MESSAGES.length);
    },
    SOAK ? 60 * MINUTE : 4 * MINUTE,
  );

  it(
    'end the code of one that is killed, keep its files, and tell those who followed it elsewhere',
    async () => {
      const { each } = await service.clients('bob');
      const [first, second] = each as [ApiClient, ApiClient];
      const code =
        'import time\nopen("kept.txt", "w").write("kept")\nprint("on", flush=True)\ntime.sleep(600)';
      const { body } = await first.request<ExecutionDto>(
        'POST',
        '/executions',
        { code, message_id: 'cut' },
        {
          Prefer: 'respond-async',
        },
      );
      const stream = await anEventStream(second, `/executions/${body.id}/events`);
      await stream.until(hasPrinted);
      const kernels = await service.kernels();
      await service.processes[0]!.kill();

      const finished = (await stream.rest()).at(-1)!;
      expect(finished).toMatchObject({ type: 'finished', data: { status: 'died' } });
      expect(finished.data.files).toMatchObject([{ path: '/mnt/data/kept.txt' }]);
      // Its kernel ran on at the engine; nothing may write there any more.
      expect((await service.kernels()).length).toBe(kernels.length - 1);
      expect((await second.run('print(open("kept.txt").read())', { message_id: 'cut' })).stdout).toBe(
        'kept\n',
      );
    },
    2 * MINUTE,
  );
});
