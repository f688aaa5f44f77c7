import { aService, type TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';
import { memoryOf, serverOf, watchMemory } from './memory-of.js';

/** What service and Jupyter server may each take more than before, in MiB. */
const MOST_GROWTH = 250;

const FLOODS: Record<string, { code: string; timeout: number; status: string; stdout?: RegExp }> = {
  'endless prints': {
    code: "print('first')\nwhile True: print('x' * 1000)",
    timeout: 5,
    status: 'timeout',
    stdout: /^first\n/,
  },
  'endless large prints': {
    code: "print('first')\nwhile True: print('x' * 1_000_000, flush=True)",
    timeout: 5,
    status: 'timeout',
    stdout: /^first\n/,
  },
  'a million tiny prints': {
    code: "for n in range(1_000_000): print(n)\nprint('last')",
    timeout: 60,
    status: 'ok',
    stdout: /^0\n1\n[^]*\n… 58\d{5} bytes left out …\n[^]*\n999999\nlast\n$/,
  },
  'a hundred thousand flushed prints': {
    code: "for n in range(100_000): print(n, flush=True)\nprint('last')",
    timeout: 60,
    status: 'ok',
    stdout: /^0\n1\n[^]*\n99999\nlast\n$/,
  },
  'one print of 300 MB': {
    code: "print('first' + 'x' * 300_000_000 + 'last')",
    timeout: 60,
    status: 'ok',
    stdout: /^firstx+\n… 2989\d{5} bytes left out …\nx+last\n$/,
  },
  'a value of 300 MB': { code: "'x' * 300_000_000", timeout: 60, status: 'ok' },
  'an error of 300 MB': { code: "raise ValueError('x' * 300_000_000)", timeout: 60, status: 'error' },
  'a hundred thousand displays': {
    code: "for n in range(100_000): display(n)\nprint('last')",
    timeout: 90,
    status: 'ok',
    stdout: /^last\n$/,
  },
  'fifty displays of 20 MB': {
    code: "from IPython.display import HTML\nfor n in range(50): display(HTML('x' * 20_000_000))\nprint('last')",
    timeout: 60,
    status: 'ok',
    stdout: /^last\n$/,
  },
  'a flood of a child process': {
    code: "!yes | head -c 20000000\nprint('last')",
    timeout: 60,
    status: 'ok',
    stdout: /last\n$/,
  },
};

describe('a flood of output', () => {
  let service: TestService;
  let alice: ApiClient;

  beforeAll(async () => {
    service = await aService({ KERNEL_MEMORY_BYTES: '2GiB' });
    alice = await service.as('alice');
    await alice.run('1', { message_id: 'warm' });
  });

  afterAll(async () => {
    await service.remove();
  });

  it.each(Object.entries(FLOODS))(
    '%s: bounded memory, and the run after loses nothing',
    async (name, { code, timeout, status, stdout }) => {
      const pids = [service.pid, await serverOf(service.pid)];
      const before = await Promise.all(pids.map((pid) => memoryOf(pid)));
      const most = watchMemory(pids);
      const flooded = await alice.run(code, { message_id: 'flood', timeout });
      const growth = (await most()).map((mib, index) => Math.round(mib - (before[index] ?? 0)));
      process.stdout.write(
        `${name}: service +${String(growth[0])} MiB, Jupyter server +${String(growth[1])} MiB\n`,
      );

      expect({ status: flooded.status, reason: flooded.reason }).toEqual({ status, reason: null });
      if (stdout) expect(flooded.stdout).toMatch(stdout);
      expect(Math.max(...growth)).toBeLessThan(MOST_GROWTH);
      const next = await alice.run("print('complete'); 6 * 7", { message_id: 'flood' });
      expect(next).toMatchObject({
        status: 'ok',
        kernel: 'kept',
        stdout: 'complete\n',
        result: '42',
        warnings: [],
      });
    },
    120_000,
  );
});
