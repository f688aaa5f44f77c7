import type { ExecutionDto } from '../../src/execution/index.js';
import { aService, type TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';
import { until } from '../support/until.js';

/** From the time-out or the wish to the end: four seconds to obey, then the kernel goes. */
const WITHIN_MS = 8_000;

interface Stubborn {
  code: string;
  /** Whether the kernel lives on with its variables. */
  next: 'kept' | 'restarted' | 'either';
}

const SAY = "print('under way', flush=True)";
const STUBBORN: Record<string, Stubborn> = {
  'an endless loop': { code: 'while True: pass', next: 'kept' },
  'a sleep': { code: 'import time; time.sleep(1000)', next: 'kept' },
  'a sleep that is awaited': { code: 'import asyncio; await asyncio.sleep(1000)', next: 'kept' },
  'a subprocess': { code: "import subprocess; subprocess.run(['sleep', '1000'])", next: 'kept' },
  'a command of the shell': { code: '!sleep 1000', next: 'kept' },
  'a regular expression that holds the GIL': {
    code: "import re; re.match(r'(a+)+$', 'a' * 40 + 'b')",
    next: 'kept',
  },
  'the wait for threads': {
    code: `
import threading
def spin():
    while True: pass
threads = [threading.Thread(target=spin, daemon=True) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()`,
    // Threads that spin leave the main one little time to obey in.
    next: 'either',
  },
  'code that catches KeyboardInterrupt': {
    code: `
import time
while True:
    try:
        ${SAY}
        time.sleep(100)
    except KeyboardInterrupt: pass`,
    next: 'restarted',
  },
  'code that ignores signals': {
    code: `
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
${SAY}
while True: time.sleep(1)`,
    next: 'restarted',
  },
  'a number that takes for ever': { code: '9 ** 9 ** 9 ** 9', next: 'kept' },
};

describe('obedience', () => {
  let service: TestService;
  let alice: ApiClient;

  beforeAll(async () => {
    service = await aService();
    alice = await service.as('alice');
  });

  afterAll(async () => {
    await service.remove();
  });

  /** Starts code that says so when it is under way, itself where it has to prepare for that; resolves to its path. */
  async function begin(code: string, messageId: string): Promise<string> {
    const { body } = await alice.request<ExecutionDto>(
      'POST',
      '/executions',
      { code: code.includes(SAY) ? code : `${SAY}\n${code}`, message_id: messageId },
      { Prefer: 'respond-async' },
    );
    const path = `/executions/${body.id}`;
    await until(async () => (await alice.get<ExecutionDto>(path)).body.stdout !== '');
    return path;
  }

  /** The end of an execution, and the milliseconds until it was there. */
  async function endOf(path: string): Promise<ExecutionDto & { took: number }> {
    const began = performance.now();
    let seen: ExecutionDto | undefined;
    await until(async () => {
      seen = (await alice.get<ExecutionDto>(path)).body;
      return seen.finished_at !== null;
    });
    return { ...seen!, took: performance.now() - began };
  }

  const cases = Object.entries(STUBBORN);

  it.each(cases)('a time-out ends %s', async (name, { code, next }) => {
    const message = { message_id: `time ${name}` };
    await alice.run('kept = 1', message);
    const end = await alice.run(code, { ...message, timeout: 1 });
    expect(end).toMatchObject({ status: 'timeout', kernel: 'kept' });
    expect(end.timings_ms?.run).toBeGreaterThanOrEqual(1000);
    expect(end.timings_ms?.run).toBeLessThan(1000 + WITHIN_MS);
    const after = await alice.run("print('kept' in globals())", message);
    expect(after).toMatchObject({ status: 'ok', stdout: after.kernel === 'kept' ? 'True\n' : 'False\n' });
    if (next !== 'either') expect(after.kernel).toBe(next);
  });

  it.each(cases)('DELETE ends %s', async (name, { code, next }) => {
    const messageId = `delete ${name}`;
    const path = await begin(code, messageId);
    expect((await alice.request('DELETE', path)).status).toBe(202);
    const end = await endOf(path);
    expect(end).toMatchObject({ status: 'interrupted', reason: null });
    expect(end.took).toBeLessThan(WITHIN_MS);
    expect((await alice.request('DELETE', path)).status).toBe(204);
    const after = await alice.run('print(1)', { message_id: messageId });
    expect(after).toMatchObject({ status: 'ok', stdout: '1\n' });
    if (next !== 'either') expect(after.kernel).toBe(next);
  });

  it('a kernel that dies is noticed within a second', async () => {
    const code = 'import os, time; print(time.time(), flush=True); os._exit(3)';
    const end = await alice.run(code, { message_id: 'dies' });
    expect(end).toMatchObject({ status: 'died', reason: { code: 'exited' } });
    expect(end.reason?.message).toContain('code 3');
    expect(end.timings_ms?.run).toBeLessThan(1500);
  });

  it('input() fails at once, and says why', async () => {
    const end = await alice.run("name = input('Who? ')", { message_id: 'input' });
    expect(end).toMatchObject({ status: 'error', error: { name: 'EOFError' } });
    expect(end.error?.value).toContain('input()');
    expect(end.timings_ms?.run).toBeLessThan(1000);
  });

  it('code that ends its own run, and goes on, does not hold up the next one', async () => {
    const code = `
import threading
def spin():
    while True: pass
for _ in range(4): threading.Thread(target=spin).start()`;
    await alice.run(code, { message_id: 'background' });
    expect(await alice.run('print(1)', { message_id: 'background', timeout: 20 })).toMatchObject({
      status: 'ok',
    });
  });
});
