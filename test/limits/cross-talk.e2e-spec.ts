import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { descendantsOf } from '../engine/processes.js';
import { aService, type TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';
import { until } from '../support/until.js';
import { memoryOf, openDescriptors, serverOf } from './memory-of.js';

const SIZE = process.env.SOAK === undefined ? { runs: 150, messages: 40 } : { runs: 1000, messages: 200 };
const CONCURRENCY = 32;
/** Fewer than runs at a time and than messages: kernels come and go. */
const MAX_KERNELS = 24;
/** Caches, pools and the heap settle at some size; a leak of every run or kernel is far above it. */
const MOST_MIB = 150;
const MOST_DESCRIPTORS = 10;

interface Footprint {
  processes: number;
  descriptors: number[];
  mebibytes: number[];
  /** What lies in the places that runs and kernels use, by place. */
  entries: Record<string, string[]>;
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
      MAX_KERNELS: String(MAX_KERNELS),
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

  const inData = (name: string): string => join(service.directory, name);

  /** The engine says where it keeps sockets and control groups. */
  async function engineRecord(): Promise<{ run: string; groups: string[] }> {
    return JSON.parse(await readFile(inData('engine/server.json'), 'utf8')) as {
      run: string;
      groups: string[];
    };
  }

  async function footprint(): Promise<Footprint> {
    const pids = [service.pid, await serverOf(service.pid)];
    const { run, groups } = await engineRecord();
    // In a container it has a /tmp of its own.
    const sockets = `/proc/${String(service.pid)}/root${run}`;
    const places = ['workspaces', 'staging', 'trash', 'engine/kernels'].map(inData).concat(sockets);
    const entries = places.map(async (place): Promise<[string, string[]]> => [place, await readdir(place)]);
    // Beside the groups of kernels lie Linux's own files.
    const below = groups.map(async (group): Promise<[string, string[]]> => {
      const found = await readdir(group, { withFileTypes: true });
      return [group, found.filter((entry) => entry.isDirectory()).map(({ name }) => name)];
    });
    return {
      processes: (await descendantsOf(service.pid)).length,
      descriptors: await Promise.all(pids.map((pid) => openDescriptors(pid))),
      mebibytes: await Promise.all(pids.map((pid) => memoryOf(pid))),
      entries: Object.fromEntries(await Promise.all([...entries, ...below])),
    };
  }

  /** Counts the kernels' records until told to stop; resolves to the most there were. */
  function watchKernels(): () => Promise<number> {
    let [most, watching] = [0, true];
    const watch = (async () => {
      while (watching) {
        most = Math.max(most, (await readdir(inData('engine/kernels'))).length);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    return async () => {
      watching = false;
      await watch;
      return most;
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
      // Clients keep their connections for more than a minute: they are there before, as they are after.
      await Promise.all(Array.from({ length: CONCURRENCY }, () => alice.get('/me')));
      const before = await footprint();
      const mostKernels = watchKernels();
      const began = performance.now();
      expect(await runAll()).toBe(SIZE.runs);
      expect(await mostKernels()).toBeLessThanOrEqual(MAX_KERNELS);
      const seconds = (performance.now() - began) / 1000;
      await removeAll();
      await until(async () => {
        const now = await footprint();
        return (
          now.processes <= before.processes && growth(now, before).every((more) => more <= MOST_DESCRIPTORS)
        );
      });
      const after = await footprint();
      const told = [before, after].map(({ descriptors, mebibytes }) => ({ descriptors, mebibytes }));
      process.stdout.write(
        `${(SIZE.runs / seconds).toFixed(1)} runs/s; before and after: ${JSON.stringify(told)}\n`,
      );
      expect([after.processes, after.entries]).toEqual([before.processes, before.entries]);
      after.mebibytes.forEach((mib, at) => {
        expect(mib - (before.mebibytes[at] ?? 0)).toBeLessThan(MOST_MIB);
      });
    },
    30 * 60_000,
  );
});
