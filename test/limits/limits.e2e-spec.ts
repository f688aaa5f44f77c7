import type { LimitDto } from '../../src/execution/index.js';
import { aService, type TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';

const MIB = 1024 ** 2;
const LIMITS = {
  KERNEL_MEMORY_BYTES: '256MiB',
  KERNEL_PROCESSES: '40',
  KERNEL_OPEN_FILES: '100',
  WORKSPACE_MAX_BYTES: '16MiB',
  WORKSPACE_MAX_FILES: '50',
  MAX_OUTPUT_BYTES: '1000',
};

describe('the limits of a run', () => {
  let service: TestService;
  let alice: ApiClient;
  let inForce: Map<string, LimitDto>;

  beforeAll(async () => {
    service = await aService(LIMITS);
    alice = await service.as('alice');
    const admin = await service.as('ada', { role: 'admin' });
    const { body } = await admin.get<{ limits: LimitDto[] }>('/admin/stats');
    inForce = new Map(body.limits.map((limit) => [limit.name, limit]));
  });

  afterAll(async () => {
    await service.remove();
  });

  it('are told to admins, with who sees to them, and to nobody else', async () => {
    const ready = async (authorization: string): Promise<{ limits?: LimitDto[] }> => {
      const response = await fetch(`${service.url}/health/ready`, { headers: { authorization } });
      return (await response.json()) as { limits?: LimitDto[] };
    };
    const { authorization } = await service.as('ada', { role: 'admin' });
    expect((await ready(authorization)).limits).toEqual([...inForce.values()]);
    expect((await ready(alice.authorization)).limits).toBeUndefined();
    expect([...inForce.values()].map(({ name, value, unit }) => [name, value, unit])).toEqual([
      ['time', 600, 'seconds'],
      ['output', 1000, 'bytes'],
      ['workspace_bytes', 16 * MIB, 'bytes'],
      ['workspace_files', 50, 'count'],
      ['memory', 256 * MIB, 'bytes'],
      ['processes', 40, 'count'],
      ['cpu', null, 'share'],
      ['file', 16 * MIB, 'bytes'],
      ['open_files', 100, 'count'],
    ]);
    expect([...inForce.values()].map(({ by }) => by)).not.toContain('nothing');
  });

  it('time: ends as timeout, with output and files so far, and the kernel lives on', async () => {
    const code = "x = 1; open('so-far.txt', 'w').write('1'); print('so far', flush=True)\nwhile True: pass";
    const late = await alice.run(code, { message_id: 'time', timeout: 1 });
    expect(late).toMatchObject({ status: 'timeout', stdout: 'so far\n', files: [{ name: 'so-far.txt' }] });
    expect(late.timings_ms?.run).toBeGreaterThanOrEqual(1000);
    expect(late.timings_ms?.run).toBeLessThan(5000);
    expect(await alice.run('print(x)', { message_id: 'time' })).toMatchObject({
      stdout: '1\n',
      kernel: 'kept',
    });
  });

  it('memory: an error that code can catch', async () => {
    const code = `
try: x = bytearray(300 << 20)
except MemoryError: print('caught')
x = bytearray(100 << 20); print(len(x) >> 20)`;
    expect(await alice.run(code, { message_id: 'memory' })).toMatchObject({
      status: 'ok',
      stdout: 'caught\n100\n',
    });
  });

  it('memory: where it cannot be refused, the run is stopped and says why', async () => {
    // Without a control group what is shared may be 2 GiB more.
    const code = `
import mmap
shared = mmap.mmap(-1, 3 << 30)
for at in range(0, 3 << 30, 4096): shared[at] = 1`;
    const end = await alice.run(code, { message_id: 'memory' });
    if (inForce.get('memory')?.by === 'cgroup') {
      expect(end).toMatchObject({ status: 'stopped', reason: { code: 'memory' } });
      expect(end.reason?.message).toContain('256 MiB');
    } else {
      expect(end).toMatchObject({ status: 'error' });
    }
    const next = await alice.run('print(1)', { message_id: 'memory' });
    expect(next).toMatchObject({ status: 'ok', stdout: '1\n' });
  });

  it('a kernel that ends itself: died, with how', async () => {
    const end = await alice.run("open('kept.txt', 'w').write('1'); import os; os.kill(os.getpid(), 11)", {
      message_id: 'crash',
    });
    expect(end).toMatchObject({ status: 'died', reason: { code: 'exited' }, files: [{ name: 'kept.txt' }] });
    expect(end.reason?.message).toContain('SIGSEGV');
    expect(await alice.run('1', { message_id: 'crash' })).toMatchObject({
      kernel: 'restarted',
      status: 'ok',
    });
  });

  it('processes and threads: errors that code can catch', async () => {
    const code = `
import subprocess, threading
held = []
try:
    while True: held.append(subprocess.Popen(['sleep', '60']))
except OSError as error: print(type(error).__name__, len(held) < 40)
for one in held: one.kill(); one.wait()
gate = threading.Event(); threads = 0
try:
    while True: threading.Thread(target=gate.wait).start(); threads += 1
except RuntimeError: print('RuntimeError', threads < 40)
gate.set()`;
    expect(await alice.run(code, { message_id: 'processes' })).toMatchObject({
      status: 'ok',
      stdout: 'BlockingIOError True\nRuntimeError True\n',
    });
  });

  it('one file: an error, and what fitted stays', async () => {
    const big = await alice.run("open('big', 'wb').write(bytes(17 << 20))", { message_id: 'file' });
    expect(big).toMatchObject({ status: 'error', error: { name: 'OSError' } });
    expect(big.error?.value).toContain('too large');
    const size = await alice.run("import os; print(os.path.getsize('big') <= 16 << 20)", {
      message_id: 'file',
    });
    expect(size.stdout).toBe('True\n');
  });

  it('open files: an error that code can catch', async () => {
    const code = `
held = []
try:
    while True: held.append(open('/dev/null'))
except OSError as error: print(error.errno, len(held) < 100)
del held`;
    expect(await alice.run(code, { message_id: 'open' })).toMatchObject({
      status: 'ok',
      stdout: '24 True\n',
    });
  });

  it('workspace bytes: the run is stopped while it grows, files so far are kept, the next one can delete', async () => {
    const grow = `
import time
for number in range(10):
    open(f'{number}.bin', 'wb').write(bytes(4 << 20)); time.sleep(0.3)
print('never')`;
    const stopped = await alice.run(grow, { message_id: 'bytes' });
    expect(stopped).toMatchObject({ status: 'stopped', reason: { code: 'workspace_bytes' }, stdout: '' });
    expect(stopped.files.length).toBeGreaterThanOrEqual(4);
    const read = "import os, time; time.sleep(1.5); print(len(open('0.bin', 'rb').read()))";
    expect(await alice.run(read, { message_id: 'bytes' })).toMatchObject({ status: 'ok', kernel: 'kept' });
    const add = "import time; open('more.bin', 'wb').write(bytes(1 << 20)); time.sleep(5); print('never')";
    expect(await alice.run(add, { message_id: 'bytes' })).toMatchObject({ status: 'stopped', stdout: '' });
    const remove = "for n in os.listdir(): os.remove(n)\ntime.sleep(1.5)\nopen('small.txt', 'w').write('1')";
    expect(await alice.run(remove, { message_id: 'bytes' })).toMatchObject({ status: 'ok' });
  });

  it('workspace bytes: a run that was faster than any look is told all the same', async () => {
    const code = "for n in range(5): open(f'{n}.bin', 'wb').write(bytes(4 << 20))";
    expect(await alice.run(code, { message_id: 'fast' })).toMatchObject({
      status: 'stopped',
      reason: { code: 'workspace_bytes' },
    });
  });

  it('workspace files: directories count, and the run is stopped while it makes them', async () => {
    const code = `
import os, time
for number in range(1000):
    os.makedirs(f'd{number}'); open(f'd{number}/f', 'w').close(); time.sleep(0.02)
print('never')`;
    const end = await alice.run(code, { message_id: 'files' });
    expect(end).toMatchObject({ status: 'stopped', reason: { code: 'workspace_files' }, stdout: '' });
    expect(end.files.length).toBeGreaterThanOrEqual(24);
    const clear = 'import shutil\nfor n in os.listdir(): shutil.rmtree(n)\nprint(os.listdir())';
    expect(await alice.run(clear, { message_id: 'files' })).toMatchObject({ status: 'ok', stdout: '[]\n' });
  });

  it('output: head and tail are kept, the middle is counted', async () => {
    const end = await alice.run("print('head', 'x' * 50_000, 'tail')", { message_id: 'output' });
    expect(end).toMatchObject({ status: 'ok', truncated: true });
    expect(end.stdout).toMatch(/^head x+\n… 49\d\d\d bytes left out …\nx+ tail\n$/);
    expect(Buffer.byteLength(end.stdout)).toBeLessThan(1100);
  });

  it('displays: so many, each so large', async () => {
    const many = await alice.run('for n in range(150): display(n)', { message_id: 'displays' });
    expect(many).toMatchObject({ status: 'ok', truncated: true, totals: { outputs: 150 } });
    expect(many.outputs).toHaveLength(100);
    const large = await alice.run(
      "from IPython.display import HTML; display(HTML('x' * (6 << 20))); display(7)",
      {
        message_id: 'displays',
      },
    );
    expect(large).toMatchObject({ status: 'ok', truncated: true });
    expect(JSON.stringify(large.outputs).length).toBeLessThan(MIB);
    expect(large.outputs.at(-1)).toMatchObject({ data: { 'text/plain': '7' } });
  });

  it('CPU: kernels that keep every core busy do not starve the API', async () => {
    const busy = ['a', 'b', 'c', 'd'].map((id) =>
      alice.run(
        'import os, time\nfor _ in range(3): os.fork()\nuntil = time.time() + 6\nwhile time.time() < until: pass',
        { message_id: `busy-${id}`, timeout: 5 },
      ),
    );
    const latencies: number[] = [];
    for (let count = 0; count < 40; count += 1) {
      const began = performance.now();
      expect((await alice.get('/me')).status).toBe(200);
      latencies.push(performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await Promise.all(busy);
    latencies.sort((a, b) => a - b);
    expect(latencies[37]).toBeLessThan(500);
  });
});
