import type { LimitDto } from '../../src/execution/index.js';
import { aService, type TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';

/** How long each bomb goes off, in seconds. */
const BURNS = process.env.SOAK === undefined ? 5 : 30;
/** By who sees to the processors: niceness, unlike a control group, keeps no share of them for others. */
const LONGEST_MS: Record<string, { p95: number; worst: number }> = {
  cgroup: { p95: 500, worst: 5_000 },
  nice: { p95: 5_000, worst: 10_000 },
};

/** Each runs in rooms only, in three at a time. */
const BOMBS: Record<string, string> = {
  memory: `
held = []
while True:
    try: held.append(bytearray(16 << 20))
    except MemoryError: held = held[::2]`,
  'memory that many processes share and touch': `
import mmap, os
for _ in range(8): os.fork()
while True:
    try:
        block = mmap.mmap(-1, 64 << 20)
        for at in range(0, len(block), 4096): block[at] = 1
    except OSError: pass`,
  processes: `
import os
while True:
    try: os.fork()
    except OSError: pass`,
  'processes of the shell':
    "import subprocess; subprocess.run(['sh', '-c', ':(){ :|:& };:; wait'])\nwhile True: pass",
  threads: `
import threading
def spin():
    while True: pass
while True:
    try: threading.Thread(target=spin, daemon=True).start()
    except RuntimeError: pass`,
  disk: `
number = 0
while True:
    try:
        with open(f'{number % 8}.bin', 'wb') as file:
            for _ in range(64): file.write(bytes(1 << 20))
    except OSError: pass
    number += 1`,
  'files and directories': `
import os
number = 0
while True:
    os.makedirs(f'{number % 100}/{number}'); open(f'{number % 100}/{number}/f', 'w').close()
    number += 1`,
  output: "while True: print('x' * 100_000, flush=True)",
};

interface Latencies {
  median: number;
  p95: number;
  worst: number;
  count: number;
}

describe('while a bomb goes off in rooms', () => {
  let service: TestService;
  let bystander: ApiClient;
  let quiet: Latencies;
  let longest: { p95: number; worst: number };

  beforeAll(async () => {
    service = await aService({
      KERNEL_MEMORY_BYTES: '256MiB',
      KERNEL_PROCESSES: '64',
      WORKSPACE_MAX_BYTES: '256MiB',
      WORKSPACE_MAX_FILES: '2000',
      RATE_LIMIT_PER_MINUTE: '100000',
    });
    const admin = await service.as('ada', { role: 'admin' });
    const { limits } = (await admin.get<{ limits: LimitDto[] }>('/admin/stats')).body;
    longest = LONGEST_MS[limits.find(({ name }) => name === 'cpu')?.by ?? '']!;
    bystander = await service.as('bystander');
    await bystander.run('x = 1', { message_id: 'bystander' });
    quiet = await measure(BURNS);
  });

  afterAll(async () => {
    await service.remove();
  });

  /** Runs a line of code in a live kernel and asks the API, in turn, for some seconds. */
  async function measure(seconds: number): Promise<Latencies> {
    const taken: number[] = [];
    const until = performance.now() + seconds * 1000;
    while (performance.now() < until) {
      for (const ask of [
        async () => (await bystander.run('print(x)', { message_id: 'bystander' })).stdout === '1\n',
        async () => (await bystander.get('/files?message_id=bystander')).status === 200,
      ]) {
        const began = performance.now();
        expect(await ask()).toBe(true);
        taken.push(performance.now() - began);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    taken.sort((a, b) => a - b);
    const at = (part: number): number => Math.round(taken[Math.floor((taken.length - 1) * part)] ?? 0);
    return { median: at(0.5), p95: at(0.95), worst: at(1), count: taken.length };
  }

  it.each(Object.entries(BOMBS))(
    'of %s: others are served in time, and it is defused',
    async (name, code) => {
      const attacker = await service.as('attacker');
      const ends = ['a', 'b', 'c'].map((id) =>
        attacker.run(code, { message_id: `${name} ${id}`, timeout: BURNS }),
      );
      const loud = await measure(BURNS);
      for (const end of await Promise.all(ends)) {
        expect(['timeout', 'stopped', 'died', 'error']).toContain(end.status);
      }
      process.stdout.write(`${name}, in ms: quiet ${JSON.stringify(quiet)}, loud ${JSON.stringify(loud)}\n`);
      expect(loud.p95).toBeLessThanOrEqual(longest.p95);
      expect(loud.worst).toBeLessThanOrEqual(longest.worst);
      for (const id of ['a', 'b', 'c']) {
        await attacker.request('DELETE', `/workspaces/${encodeURIComponent(`${name} ${id}`)}`);
      }
      const next = await attacker.run('print(1)', { message_id: `${name} a` });
      expect(next).toMatchObject({ status: 'ok', stdout: '1\n' });
    },
    (BURNS + 120) * 1000,
  );
});
