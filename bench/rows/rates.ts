import type { Bench } from '../bench.js';
import { withRatio, type Goal, type Home, type Measure, type Row } from '../row.js';
import { perSecond } from '../statistics.js';
import type { Service } from '../subjects/service.js';
import type { Code } from './codes.js';

/** The concurrency at which rates are set against a kernel per call. */
export const COMPARED = 8;

interface Rates {
  code: Code;
  id: string;
  what: string;
  goal: Goal;
  measure: (service: Service) => Promise<number>;
}

/** How many runs a second; a kernel per call before, between and after, since what else the machine does changes. */
export async function ratesOf(bench: Bench, concurrency: number, rates: Rates): Promise<Row> {
  const { code, id, what, goal, measure } = rates;
  const calls: number[] = [];
  const ours: Partial<Record<Home, Measure>> = {};
  for (const service of await bench.services()) {
    if (concurrency === COMPARED) calls.push(await callsPerSecond(bench, code));
    ours[service.home] = { value: await measure(service) };
    await bench.forgetMessages([service]);
  }
  const row: Row = { id: `${id}-${concurrency}`, what, unit: 'runs/s', ours };
  if (concurrency !== COMPARED) return row;
  calls.push(await callsPerSecond(bench, code));
  const value = calls.reduce((sum, rate) => sum + rate, 0) / calls.length;
  return withRatio({ ...row, other: { name: 'kernel per call', value } }, 'ours/other', goal);
}

async function callsPerSecond(bench: Bench, code: Code): Promise<number> {
  const perCall = await bench.perCall();
  return await perSecond(COMPARED, bench.scale.seconds, async () => await perCall.run(code.text));
}
