import type { Bench, Benchmark } from '../bench.js';
import { LIVE } from '../bench.js';
import { cpuSeconds } from '../processes.js';
import { withRatio, type Row } from '../row.js';
import { interleaved } from '../statistics.js';
import { withReadyKernels } from '../subjects/ready-kernels.js';
import { expectOk } from '../subjects/service.js';
import { eachOf, homesOf } from '../each-service.js';
import { PLOT, PRINT, TABLE, type Code } from './codes.js';

const MS = 1000;
/** The operating system counts in steps of 10 ms, which is much for one of these. */
const LIVE_RUNS = 10;

/**
 * CPU time of a run, over all processes: what bounds the rate of a machine that has nothing else to do. It counts
 * the next ready kernel, which is waited for, and not the end of kernels, which comes later.
 */
export const cpu: Benchmark = {
  name: 'cpu',
  measure: async (bench) => {
    const rows: Row[] = [];
    for (const code of [PRINT, TABLE, PLOT]) rows.push(await ofNewMessage(bench, code));
    return [await ofLive(bench), ...rows];
  },
};

async function ofLive(bench: Bench): Promise<Row> {
  const services = await bench.services();
  const measured = await interleaved(
    bench.scale.slowRounds,
    eachOf(services, async ({ api, process }) => {
      return await cpuOf(process.pid, LIVE_RUNS, async () =>
        expectOk(await api.run(PRINT.text, { message_id: LIVE })),
      );
    }),
  );
  const what = `CPU of ${PRINT.what} in a live workspace`;
  return { id: 'cpu-live', what, unit: 'CPU ms', ours: homesOf(measured) };
}

async function ofNewMessage(bench: Bench, code: Code): Promise<Row> {
  const services = await bench.services();
  const perCall = await bench.perCall();
  const { call, ...ours } = await interleaved(bench.scale.slowRounds, {
    ...eachOf(services, async (service) => {
      const { api, process } = service;
      const run = async (): Promise<unknown> => expectOk(await api.run(code.text, bench.newMessage()));
      return await cpuOf(process.pid, 1, async () => await withReadyKernels(service, run));
    }),
    call: async () => await cpuOf(perCall.pid, 1, async () => await perCall.run(code.text)),
  });
  await bench.forgetMessages(services);
  const row: Row = {
    ...{ id: `cpu-new-${code.name}`, what: `CPU of ${code.what} in a new message`, unit: 'CPU ms' },
    ...{ ours: homesOf(ours), other: { name: 'kernel per call', ...call } },
  };
  return withRatio(row, 'other/ours');
}

async function cpuOf(pid: number, runs: number, run: () => Promise<unknown>): Promise<number> {
  const before = cpuSeconds(pid);
  for (let count = 0; count < runs; count += 1) await run();
  return ((cpuSeconds(pid) - before) / runs) * MS;
}
