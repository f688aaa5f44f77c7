import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Benchmark } from '../bench.js';
import { memoryOf, serviceProcesses } from '../processes.js';
import { withRatio, type Row } from '../row.js';
import { expectOk, type Service } from '../subjects/service.js';
import { TABLE } from './codes.js';
import { COMPARED } from './rates.js';

/** Kernels end all the time, and nothing of them may stay. */
const KERNELS = { MAX_KERNELS: '12' };
const LOOKS = 10;
const PAUSE_MS = 500;

/** Whether the service, without kernels, is as small after many messages as after the first ones. */
export const memoryAfter: Benchmark = {
  name: 'memory-after',
  fullOnly: true,
  measure: async (bench) => {
    const { messages } = bench.scale;
    const service = await bench.special('few kernels at a time', 'pglite', KERNELS);
    await runMessages(bench, service, messages / 2);
    const before = await settledMemory(service);
    await runMessages(bench, service, messages);
    const after = await settledMemory(service);
    const row: Row = {
      ...{ id: 'memory-after', unit: 'MB', ours: { pglite: { value: after } } },
      what: `memory of the service after ${messages} more messages (${TABLE.what})`,
      other: { name: `after the first ${messages / 2}`, value: before },
    };
    return [withRatio(row, 'ours/other', { most: 1.1 })];
  },
};

async function runMessages(bench: Bench, service: Service, count: number): Promise<void> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) expectOk(await service.api.run(TABLE.text, bench.newMessage()));
  };
  await Promise.all(Array.from({ length: COMPARED }, worker));
  await bench.forgetMessages([service]);
}

/** The least of some seconds: garbage is collected when it is time for it. */
async function settledMemory({ process }: Service): Promise<number> {
  const looks: number[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    looks.push(memoryOf(serviceProcesses(process.pid)));
    await sleep(PAUSE_MS);
  }
  return Math.min(...looks);
}
