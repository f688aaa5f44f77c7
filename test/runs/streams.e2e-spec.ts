import type { ExecutionDto } from '../../src/execution/index.js';
import { aService, type TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';
import {
  anEventStream,
  eventsFromTheStart,
  hasPrinted,
  textOf,
  type StreamEvent,
} from '../support/event-stream.js';
import { until } from '../support/until.js';

const SHOW = `
import sys, time
from IPython.display import display, HTML, update_display
import matplotlib.pyplot as plt
for number in range(3):
    print(number, flush=True)
    time.sleep(0.1)
print('oh', file=sys.stderr, flush=True)
handle = display(HTML('<b>one</b>'), display_id=True)
plt.plot([1, 2]); plt.show()
handle.update(HTML('<b>two</b>'))
open('made.txt', 'w').write('made')
1/0`;

describe('streams of executions', () => {
  let service: TestService;
  let alice: ApiClient;

  beforeAll(async () => {
    service = await aService();
    alice = await service.as('alice');
  });

  afterAll(async () => {
    await service.remove();
  });

  it('tell an execution as it happens, and the same as its result', async () => {
    const events = await eventsFromTheStart(alice, { code: SHOW, message_id: 'show' });
    const types = events.map((event) => event.type);
    expect(types[0]).toBe('started');
    expect(types.at(-1)).toBe('finished');
    const result = events.at(-1)?.data as unknown as ExecutionDto;
    expect(result.status).toBe('error');
    expect(textOf(events, 'stdout')).toBe(result.stdout);
    expect(textOf(events, 'stderr')).toBe(result.stderr);
    const shown = new Map(
      events.filter(({ type }) => type === 'display').map(({ data }) => [data.index, data]),
    );
    expect([...shown.keys()]).toEqual([0, 1]);
    expect(shown.get(0)).toMatchObject({ data: { 'text/html': '<b>two</b>' } });
    expect(shown.get(1)).toMatchObject({ file_id: result.outputs[1]?.file_id });
    expect(
      (await alice.download(`/api/v1/files/${result.outputs[1]?.file_id ?? ''}/content`)).length,
    ).toBeGreaterThan(500);
    expect(events.find(({ type }) => type === 'error')?.data).toEqual(result.error);
    expect(events.filter(({ type }) => type === 'file').map(({ data }) => data)).toEqual(result.files);
    const ids = events.map((event) => event.id);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('count while a loop counts, and go on where a client left', async () => {
    const first = await anEventStream(alice, {
      code: 'import time\nfor n in range(100):\n  print(n, flush=True)\n  time.sleep(0.05)',
      message_id: 'counting',
    });
    const begun = await first.until(hasPrinted);
    first.leave();
    const id = (begun[0]?.data as unknown as ExecutionDto).id;
    expect(begun[0]?.data.status).toBe('running');
    const last = begun.at(-1)?.id ?? 0;
    const second = await anEventStream(alice, `/executions/${id}/events`, last);
    const rest = await second.rest();
    expect(rest[0]?.id).toBe(last + 1);
    const counted = Array.from({ length: 100 }, (_, number) => `${String(number)}\n`).join('');
    expect(textOf(begun, 'stdout') + textOf(rest, 'stdout')).toBe(counted);
    expect(rest.at(-1)).toMatchObject({ type: 'finished', data: { status: 'ok', stdout: counted } });
  });

  it('start late joiners with the execution so far', async () => {
    const first = await anEventStream(alice, {
      code: "print('early', flush=True)\nwhile not __import__('os').path.exists('go'): pass\nprint('late')",
      message_id: 'joined',
    });
    const begun = await first.until(hasPrinted);
    const id = (begun[0]?.data as unknown as ExecutionDto).id;
    const second = await anEventStream(alice, `/executions/${id}/events`);
    const joined = await second.until((event) => event.type === 'started');
    expect(joined[0]?.data.stdout).toBe('early\n');
    await alice.request('DELETE', `/executions/${id}`);
    const [one, two] = await Promise.all([first.rest(), second.rest()]);
    expect(one.at(-1)).toEqual(two.at(-1));
    expect(two.at(-1)).toMatchObject({ type: 'finished', data: { status: 'interrupted' } });
  });

  it('tell several executions at once, each with ids of its own, and go on where a client left', async () => {
    const names = ['one', 'two'];
    const runs = await Promise.all(
      names.map(async (name) => {
        const code = `print('${name}', flush=True)\nwhile True: pass`;
        const body = { code, message_id: `several-${name}` };
        return (await alice.request<ExecutionDto>('POST', '/executions', body, { Prefer: 'respond-async' }))
          .body.id;
      }),
    );
    const of = (events: StreamEvent[], id?: string): StreamEvent[] =>
      events.filter(({ data }) => data.execution_id === id);
    const first = await anEventStream(alice, `/executions/events?follow=${runs.join('&follow=')}`);
    const seen = new Set<unknown>();
    const begun = await first.until(({ type, data }) => {
      if (type === 'stdout' || data.stdout) seen.add(data.execution_id);
      return seen.size === 2;
    });
    first.leave();
    await Promise.all(runs.map((id) => alice.request('DELETE', `/executions/${id}`)));
    const last = runs.map((id) => `${id}:${String(of(begun, id).at(-1)?.id)}`);
    const rest = await (
      await anEventStream(alice, `/executions/events?follow=${last.join('&follow=')}`)
    ).rest();
    for (const [index, id] of runs.entries()) {
      const ids = [...of(begun, id), ...of(rest, id)].map((event) => event.id);
      expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
      expect(of(rest, id).map(({ type }) => type)).not.toContain('started');
      expect(of(rest, id).at(-1)).toMatchObject({
        type: 'finished',
        data: { id, status: 'interrupted', stdout: `${names[index] ?? ''}\n` },
      });
    }
  });

  it('tell nothing when one of several executions is not theirs', async () => {
    const { id } = await alice.run('1');
    const bob = await service.as('bob');
    const { id: theirs } = await bob.run('1');
    for (const follow of [theirs, `${id}&follow=${theirs}`])
      expect((await alice.get(`/executions/events?follow=${follow}`)).status).toBe(404);
    for (const query of ['', '?follow=', '?follow=x', `?follow=${`${id}&follow=`.repeat(32)}${id}`])
      expect((await alice.get(`/executions/events${query}`)).status).toBe(400);
  });

  it('make few events of many prints, and bound what a reader can miss', async () => {
    const stream = await anEventStream(alice, {
      code: 'for n in range(200_000): print(n)',
      message_id: 'flood',
    });
    const events = await stream.rest();
    expect(events.length).toBeLessThan(2_000);
    expect(events.at(-1)).toMatchObject({ type: 'finished', data: { status: 'ok', truncated: true } });
  });

  it('tell a finished execution at once, also after a restart', async () => {
    const { id } = await alice.run("print('done')", { message_id: 'done' });
    await service.end();
    await service.start();
    alice = await service.as('alice');
    const stream = await anEventStream(alice, `/executions/${id}/events`, 1);
    expect(await stream.rest()).toMatchObject([{ type: 'finished', data: { stdout: 'done\n' } }]);
  });

  it('never stop a run when the client goes away', async () => {
    const stream = await anEventStream(alice, {
      code: "import time; print('go', flush=True); time.sleep(0.3); open('after.txt', 'w').write('x')",
      message_id: 'gone',
    });
    const begun = await stream.until(hasPrinted);
    stream.leave();
    const id = (begun[0]?.data as unknown as ExecutionDto).id;
    await until(async () => (await alice.get<ExecutionDto>(`/executions/${id}`)).body.status === 'ok');
    expect((await alice.get<ExecutionDto>(`/executions/${id}`)).body.files).toMatchObject([
      { name: 'after.txt' },
    ]);
  });

  it('end with a last event when the service leaves', async () => {
    const stream = await anEventStream(alice, {
      code: "print('go', flush=True)\nwhile True: pass",
      message_id: 'leaving',
    });
    await stream.until(hasPrinted);
    const rest = stream.rest();
    await service.end();
    expect((await rest).at(-1)).toMatchObject({ type: 'finished', data: { status: 'interrupted' } });
    await service.start();
  });
});

describe('streams that are read late', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await aService({ MAX_OUTPUT_BYTES: '64MiB' });
  });

  afterAll(async () => {
    await service.remove();
  });

  it('tell how an execution ended that ended meanwhile', async () => {
    const alice = await service.as('alice');
    const start = async (code: string): Promise<string> =>
      (
        await alice.request<ExecutionDto>(
          'POST',
          '/executions',
          { code, message_id: 'late reader' },
          { Prefer: 'respond-async' },
        )
      ).body.id;
    const before = await start('import time; time.sleep(60)');
    // One event each, and together more than the sockets of a connection hold.
    const flood = "import time\nfor n in range(50): print('x' * 900_000, flush=True); time.sleep(0.05)";
    const id = await start(
      `${flood}\nfrom IPython.display import clear_output\nclear_output()\nprint('kept')`,
    );
    const stream = await anEventStream(alice, `/executions/${id}/events`);
    await stream.until(({ type }) => type === 'started');
    await alice.request('DELETE', `/executions/${before}`);
    await until(async () => (await alice.get<ExecutionDto>(`/executions/${id}`)).body.status === 'ok');
    const rest = await stream.rest();
    expect(rest.filter(({ type }) => type === 'reset').at(-1)?.data.stdout).toBe('kept\n');
    expect(rest.at(-1)).toMatchObject({ type: 'finished', data: { status: 'ok', stdout: 'kept\n' } });
  });
});
