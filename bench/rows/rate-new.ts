import type { Bench, Benchmark } from '../bench.js';
import type { Goal, Row } from '../row.js';
import { perSecond } from '../statistics.js';
import { expectOk, type Service } from '../subjects/service.js';
import { PRINT, TABLE, type Code } from './codes.js';
import { COMPARED, ratesOf } from './rates.js';

/** Runs a second with a new message each, sustained: kernels of earlier messages end for those of later ones. */
export const rateNew: Benchmark[] = [
  {
    name: 'rate-new-print',
    measure: async (bench) => {
      const rows = [];
      for (const concurrency of bench.scale.concurrencies)
        rows.push(await inNewMessages(bench, PRINT, concurrency, { least: 4 }));
      return rows;
    },
  },
  {
    name: 'rate-new-table',
    measure: async (bench) => [await inNewMessages(bench, TABLE, COMPARED, { least: 6 })],
  },
];

async function inNewMessages(bench: Bench, code: Code, concurrency: number, goal: Goal): Promise<Row> {
  const { sustainedSeconds } = bench.scale;
  return await ratesOf(bench, concurrency, {
    ...{ code, id: `rate-new-${code.name}`, goal },
    what: `${code.what}, a new message each, ${concurrency} at a time for ${sustainedSeconds} s`,
    measure: async ({ api }: Service) =>
      await perSecond(concurrency, sustainedSeconds, async () =>
        expectOk(await api.run(code.text, bench.newMessage())),
      ),
  });
}
