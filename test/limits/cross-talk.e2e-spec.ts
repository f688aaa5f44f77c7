import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { childrenOf } from '../engine/processes.js';
import { aService, type TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';
import { until } from '../support/until.js';
import { memoryOf, openDescriptors, serverOf } from './memory-of.js';

const SIZE = process.env.SOAK === undefined ? { runs: 150, messages: 40 } : { runs: 1000, messages: 200 };
const CONCURRENCY = 32;
/** Caches, pools and the heap settle at some size; a leak of every run or kernel is far above it. */
const MOST_MIB = 150;
const MOST_DESCRIPTORS = 10;

interface Footprint {
  processes: number;
  descriptors: number[];
  mebibytes: number[];
  directories: string[];
  kernels: number;
}

/** Descriptors that each process has more than before. */
function growth(now: Footprint, before: Footprint): number[] {
  return now.descriptors.map((count, at) => count - (before.descriptors[at] ?? 0));
}

/** Writes the run's own secret to file, variable and output, and reads back what is there. */
const CODE = (secret: string, last: string | undefined): string => `
import os
expected = ${last === undefined ? 'None' : JSON.stringify(last)}
found = open('secret.txt').read() if os.path.exists('secret.txt') else None
assert found == expected, (found, expected)
assert globals().get('mine', expected) == expected, (mine, expected)
assert set(os.listdir()) <= {'secret.txt'}, os.listdir()
mine = ${JSON.stringify(secret)}
with open('secret.txt', 'w') as file: file.write(mine)
print(mine)`;

describe('many runs at once', () => {
  let service: TestService;
  let alice: ApiClient;

  beforeAll(async () => {
    service = await aService({
      MAX_CONCURRENT_EXECUTIONS: String(CONCURRENCY),
      MAX_CONCURRENT_EXECUTIONS_PER_USER: String(CONCURRENCY),
      RATE_LIMIT_PER_MINUTE: '100000',
      MAX_KERNELS: '24',
      // How many wait ready depends on what was asked for lately.
      READY_KERNELS_MIN: '0',
      READY_KERNELS_MAX: '0',
      EXECUTION_TIMEOUT_SECONDS: '120',
    });
    alice = await service.as('alice');
  });

  afterAll(async () => {
    await service.remove();
  });

  async function descendantsOf(pid: number): Promise<number[]> {
    const children = await childrenOf(pid);
    return [...children, ...(await Promise.all(children.map((child) => descendantsOf(child)))).flat()];
  }

  async function footprint(): Promise<Footprint> {
    const pids = [service.pid, await serverOf(service.pid)];
    const admin = await service.as('ada', { role: 'admin' });
    return {
      processes: (await descendantsOf(service.pid)).length,
      descriptors: await Promise.all(pids.map((pid) => openDescriptors(pid))),
      mebibytes: await Promise.all(pids.map((pid) => memoryOf(pid))),
      directories: await readdir(join(service.directory, 'workspaces')),
      kernels: (await admin.get<{ items: unknown[] }>('/admin/kernels')).body.items.length,
    };
  }

  async function removeAll(): Promise<void> {
    for (;;) {
      const { body } = await alice.get<{ items: { id: string }[] }>('/workspaces?limit=200');
      if (body.items.length === 0) return;
      await Promise.all(body.items.map(({ id }) => alice.request('DELETE', `/workspaces/${id}`)));
    }
  }

  /** Runs code in the messages in turn, `CONCURRENCY` at a time, one at a time in each message. */
  async function runAll(): Promise<number> {
    const secrets = new Map<number, string>();
    const chains = new Map<number, Promise<void>>();
    const hands = Array.from({ length: CONCURRENCY }, () => Promise.resolve());
    let done = 0;
    const one = async (message: number): Promise<void> => {
      const secret = randomBytes(16).toString('hex');
      const id = { message_id: `message-${String(message)}` };
      const end = await alice.run(CODE(secret, secrets.get(message)), id);
      expect({ ...end, error: end.error }).toMatchObject({
        error: null,
        status: 'ok',
        stdout: `${secret}\n`,
      });
      expect(end.files.map((file) => file.name)).toEqual(['secret.txt']);
      expect((await alice.download(end.files[0]?.url ?? '')).toString()).toBe(secret);
      secrets.set(message, secret);
      done += 1;
    };
    for (let run = 0; run < SIZE.runs; run += 1) {
      const message = run % SIZE.messages;
      const before = chains.get(message) ?? Promise.resolve();
      const hand = run % CONCURRENCY;
      const next = Promise.all([before, hands[hand]]).then(() => one(message));
      chains.set(message, next);
      hands[hand] = next;
    }
    await Promise.all(chains.values());
    return done;
  }

  it(
    `${String(SIZE.runs)} runs over ${String(SIZE.messages)} messages: each finds its own secret, and nothing is left`,
    async () => {
      await alice.run('1', { message_id: 'warm' });
      await removeAll();
      const before = await footprint();
      const began = performance.now();
      expect(await runAll()).toBe(SIZE.runs);
      const seconds = (performance.now() - began) / 1000;
      await removeAll();
      // Connections that nobody uses are kept for some seconds.
      await until(async () => {
        const now = await footprint();
        return (
          now.processes <= before.processes && growth(now, before).every((more) => more <= MOST_DESCRIPTORS)
        );
      });
      const after = await footprint();
      process.stdout.write(
        `${(SIZE.runs / seconds).toFixed(1)} runs/s; before and after: ${JSON.stringify([before, after])}\n`,
      );
      expect(after).toMatchObject({ kernels: before.kernels, processes: before.processes });
      expect(after.directories.length).toBe(before.directories.length);
      after.mebibytes.forEach((mib, at) => {
        expect(mib - (before.mebibytes[at] ?? 0)).toBeLessThan(MOST_MIB);
      });
    },
    30 * 60_000,
  );
});
