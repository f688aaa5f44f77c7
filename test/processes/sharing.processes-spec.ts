import { aToken } from '../ownership/attackers.js';
import type { ExecutionDto } from '../../src/execution/index.js';
import { openDatabase } from '../../src/database/index.js';
import { JobTurns } from '../../src/instance/index.js';
import { ScheduledJob } from '../../src/instance/scheduled-job.entity.js';
import { SECRET } from '../support/a-service.js';
import { ApiClient } from '../support/api-client.js';
import { anEventStream, hasPrinted, textOf, type StreamEvent } from '../support/event-stream.js';
import { until } from '../support/until.js';
import { SeveralProcesses } from './several-processes.js';

const MAX_KERNELS = 4;
const ENDLESS = 'import time\nfor n in range(100_000):\n    print(n, flush=True)\n    time.sleep(0.05)';

describe('three processes on one database and one engine', () => {
  let service: SeveralProcesses;
  let a: ApiClient;
  let b: ApiClient;
  let c: ApiClient;

  beforeAll(async () => {
    service = await SeveralProcesses.start(3, {
      MAX_KERNELS: String(MAX_KERNELS),
      RATE_LIMIT_PER_MINUTE: '100',
    });
    [a, b, c] = (await service.clients('alice')).each as [ApiClient, ApiClient, ApiClient];
  }, 180_000);

  afterAll(async () => {
    await service.stop();
  }, 60_000);

  /** Starts code in the first process, and follows it through the second until it showed something. */
  async function followed(messageId: string, code = ENDLESS) {
    const { body } = await a.request<ExecutionDto>(
      'POST',
      '/executions',
      { code, message_id: messageId },
      {
        Prefer: 'respond-async',
      },
    );
    const path = `/executions/${body.id}`;
    const stream = await anEventStream(b, `${path}/events`);
    const first = await stream.until(hasPrinted);
    return { path, stream, first };
  }

  const statusOf = async (path: string): Promise<string> => (await c.get<ExecutionDto>(path)).body.status;

  it('streams, resumes, shows and interrupts through a process that does not run it', async () => {
    const { path, stream, first } = await followed('streams');
    expect(first[0]).toMatchObject({ type: 'started', id: 1 });
    stream.leave();

    const resumed = await anEventStream(c, `${path}/events`, first.at(-1)!.id);
    const more = await resumed.until(({ type }) => type === 'stdout');
    expect(more[0]!.id).toBe(first.at(-1)!.id + 1);

    const shown = (await c.get<ExecutionDto>(path)).body;
    expect(shown.status).toBe('running');
    expect(shown.stdout.startsWith(textOf(first, 'stdout') + textOf(more, 'stdout'))).toBe(true);
    expect((await b.get<string>(`${path}/output`)).body).toContain('0\n1\n');

    expect((await b.request('DELETE', path)).status).toBe(202);
    const rest = await resumed.rest();
    const finished = rest.at(-1)!;
    expect(finished).toMatchObject({ type: 'finished', data: { status: 'interrupted' } });
    // Every number once and in order: nothing was lost or told twice across the three streams.
    expect(textOf(first, 'stdout') + textOf(more, 'stdout') + textOf(rest, 'stdout')).toBe(
      finished.data.stdout,
    );
    expect((await c.request('DELETE', path)).status).toBe(204);
  });

  it('tells runs of other processes in one stream, and goes on where a client left', async () => {
    const run = async (client: ApiClient, messageId: string): Promise<string> =>
      (
        await client.request<ExecutionDto>(
          'POST',
          '/executions',
          { code: ENDLESS, message_id: messageId },
          { Prefer: 'respond-async' },
        )
      ).body.id;
    const ids = [await run(a, 'page-a'), await run(b, 'page-b')];
    const of = (events: readonly StreamEvent[], id: string): StreamEvent[] =>
      events.filter(({ data }) => data.execution_id === id);

    const first = await anEventStream(c, `/executions/events?follow=${ids.join('&follow=')}`);
    const printing = new Set<unknown>();
    const begun = await first.until((event) => {
      if (hasPrinted(event)) printing.add(event.data.execution_id);
      return printing.size === ids.length;
    });
    first.leave();

    const last = ids.map((id) => `${id}:${String(of(begun, id).at(-1)?.id)}`);
    const second = await anEventStream(b, `/executions/events?follow=${last.join('&follow=')}`);
    for (const id of ids) await c.request('DELETE', `/executions/${id}`);
    const rest = await second.rest();
    for (const id of ids) {
      const events = [...of(begun, id), ...of(rest, id)];
      expect(events.map(({ type }) => type).filter((type) => type === 'started')).toHaveLength(1);
      expect(events.at(-1)).toMatchObject({ type: 'finished', data: { id, status: 'interrupted' } });
      expect(textOf(events, 'stdout')).toBe(events.at(-1)?.data.stdout);
    }
  });

  it('lets nobody else follow or stop it there', async () => {
    const { path, stream } = await followed('mine');
    const mallory = new ApiClient(b.url, `Bearer ${await aToken('mallory', SECRET, {})}`);
    for (const [method, what] of [
      ['GET', path],
      ['GET', `${path}/events`],
      ['DELETE', path],
    ] as const) {
      expect((await mallory.request(method, what)).status).toBe(404);
    }
    await c.request('DELETE', path);
    await stream.rest();
  });

  it.each([
    ['deleting its workspace', 'DELETE', ''],
    ['restarting its kernel', 'POST', '/restart'],
  ])('interrupts it by %s elsewhere', async (_what, method, suffix) => {
    const messageId = `by-${method.toLowerCase()}`;
    const { path, stream } = await followed(messageId);
    expect((await c.request(method, `/workspaces/${messageId}${suffix}`)).status).toBeLessThan(300);
    expect(await statusOf(path)).toBe('interrupted');
    expect((await stream.rest()).at(-1)).toMatchObject({ type: 'finished' });
  });

  it('runs a repeated request once, whichever process hears it', async () => {
    const again = async (client: ApiClient): Promise<ExecutionDto> =>
      (
        await client.request<ExecutionDto>(
          'POST',
          '/executions',
          {
            code: 'import time; time.sleep(1)\nwith open("log", "a") as f: print(f.write("x"))',
            message_id: 'once',
          },
          { 'Idempotency-Key': 'the-same' },
        )
      ).body;
    const answers = await Promise.all([a, b, c, a, b, c].map(again));
    expect(new Set(answers.map(({ id, status, stdout }) => `${id} ${status} ${stdout}`)).size).toBe(1);
    expect((await b.run('print(open("log").read())', { message_id: 'once' })).stdout).toBe('x\n');
  });

  it('runs a workspace in one kernel, in order, whoever is asked', async () => {
    const clients = [a, b, c, b, a, c];
    const first = await a.run('seen = []', { message_id: 'shared' });
    expect(first.kernel).toBe('new');
    const runs = [];
    for (const [turn, client] of clients.entries())
      runs.push(await client.run(`seen.append(${String(turn)}); print(seen)`, { message_id: 'shared' }));
    expect(runs.map(({ kernel }) => kernel)).toEqual(clients.map(() => 'kept'));
    expect(runs.at(-1)?.stdout).toBe('[0, 1, 2, 3, 4, 5]\n');

    await c.request('POST', '/workspaces/shared/restart');
    // The first process still has a connection to the kernel that is gone.
    expect(await a.run('print(1)', { message_id: 'shared' })).toMatchObject({
      status: 'ok',
      kernel: 'restarted',
    });
    expect(await b.run('print(1)', { message_id: 'shared' })).toMatchObject({ status: 'ok', kernel: 'kept' });
  });

  it('tells how a kernel ended, which limits hold, and what can be imported', async () => {
    const died = await b.run('import os; os._exit(7)', { message_id: 'died' });
    expect(died).toMatchObject({ status: 'died', reason: { code: 'exited' } });
    expect(died.reason?.message).toContain('code 7');
    const admin = `Bearer ${await aToken('root', SECRET, { role: 'admin' })}`;
    await until(async () => {
      const answer = await fetch(`${c.url}/health/ready`, { headers: { Authorization: admin } });
      const { status, limits } = (await answer.json()) as {
        status: string;
        limits: { name: string; by: string }[];
      };
      expect(limits.find(({ name }) => name === 'open_files')?.by).toBe('rlimit');
      return status === 'ok';
    });
    const prompt = await fetch(`${a.url}/api/v1/workspaces/shared/prompt`, {
      headers: { Authorization: a.authorization, Accept: 'text/plain' },
    });
    expect(await prompt.text()).toContain('pandas');
  });

  it('never has more kernels than MAX_KERNELS, and makes room among those of all processes', async () => {
    const messages = Array.from({ length: 3 * MAX_KERNELS }, (_, number) => `many-${String(number)}`);
    const most: number[] = [];
    for (const [turn, messageId] of messages.entries()) {
      const client = [a, b, c][turn % 3]!;
      expect((await client.run('print(1)', { message_id: messageId })).status).toBe('ok');
      most.push((await service.kernels()).length);
    }
    expect(Math.max(...most)).toBe(MAX_KERNELS);
  });

  it('counts what a user starts in all processes', async () => {
    const bob = (await service.clients('bob')).each;
    const statuses = await Promise.all(
      Array.from({ length: 102 }, async (_, turn) => {
        // Refused before anything runs, but counted.
        const { status } = await bob[turn % 3]!.request('POST', '/executions', { code: '', timeout: 0 });
        return status;
      }),
    );
    expect(statuses.filter((status) => status === 429)).toHaveLength(2);
  });

  it('gives the turn of a job to one process', async () => {
    const database = await openDatabase({
      ...{ url: service.databaseUrl, directory: null, poolSize: 6 },
      warn: () => undefined,
    });
    try {
      const turns = new JobTurns(database.getRepository(ScheduledJob));
      const take = async (periodMs: number): Promise<number> =>
        (await Promise.all(Array.from({ length: 6 }, () => turns.take('a job', periodMs)))).filter(Boolean)
          .length;
      expect(await take(3_600_000)).toBe(1);
      expect(await take(3_600_000)).toBe(0);
      await database.query(`UPDATE scheduled_jobs SET started_at = now() - interval '59 minutes'`);
      expect(await take(3_600_000)).toBe(1);
    } finally {
      await database.destroy();
    }
  });
});
