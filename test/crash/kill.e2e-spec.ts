import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionDto } from '../../src/execution/index.js';
import { aService, type TestService } from '../support/a-service.js';
import { until } from '../support/until.js';
import { expectNothingLost, writingCode } from './journal.js';
import { contentAfterSweep } from './stored-content.js';

const SOAK = process.env.SOAK === '1';
const KILLS = SOAK ? 300 : 8;
const MESSAGES = ['m1', 'm2', 'm3'];
/** Long enough for some runs, short enough to hit their middle: a run takes some tenths of a second. */
const LONGEST_LIFE_MS = 1_500;
const MINUTE = 60_000;

/** Sends run after run until it is told to end, through all failures; emits `answered` for each that went well, and after a failure waits for `up`. */
async function keepRunning(
  service: TestService,
  messageId: string,
  stop: AbortSignal,
  runs: EventEmitter,
): Promise<void> {
  for (let run = 0; !stop.aborted; run += 1) {
    try {
      const client = await service.as('alice');
      if (run % 4 === 0)
        await client.attach(messageId, { [`in-${String(run)}.txt`]: `attached ${String(run)}` });
      const { status } = await client.run(writingCode(messageId, run), { message_id: messageId });
      if (status === 'ok') runs.emit('answered');
    } catch {
      // Killed under it, or refused while it goes.
      await once(runs, 'up', { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    }
  }
}

describe('a service that is killed at any instant', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await aService();
  });

  afterAll(async () => {
    await service.remove();
  });

  it(
    'loses nothing, lists nothing twice and leaves no bytes behind',
    async () => {
      const stop = new AbortController();
      const runs = new EventEmitter().setMaxListeners(MESSAGES.length + 1);
      const runners = MESSAGES.map((messageId) => keepRunning(service, messageId, stop.signal, runs));
      for (let kills = 0; kills < KILLS; kills += 1) {
        // Every other life is long enough for a run, however slow the machine is.
        if (kills % 2 === 1) await once(runs, 'answered');
        await delay(Math.random() * LONGEST_LIFE_MS);
        await service.kill();
        await service.start();
        runs.emit('up');
      }
      await once(runs, 'answered');
      stop.abort();
      await Promise.all(runners);

      const client = await service.as('alice');
      await until(async () => {
        const open = ['queued', 'running'].map((status) =>
          client.get<{ items: ExecutionDto[] }>(`/executions?status=${status}`),
        );
        return (await Promise.all(open)).every(({ body }) => body.items.length === 0);
      });
      for (const messageId of MESSAGES) await expectNothingLost(client, messageId);

      await service.end();
      const { stored, rows, used } = await contentAfterSweep(service.env);
      expect(rows).toEqual(used);
      expect(stored).toEqual(used);
    },
    SOAK ? 180 * MINUTE : 10 * MINUTE,
  );
});
