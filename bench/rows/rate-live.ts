import type { Benchmark } from '../bench.js';
import { perSecond } from '../statistics.js';
import { expectOk, type Service } from '../subjects/service.js';
import { PRINT } from './codes.js';
import { ratesOf } from './rates.js';

/** Runs a second in workspaces whose kernels live. */
export const rateLive: Benchmark = {
  name: 'rate-live',
  measure: async (bench) => {
    const rows = [];
    for (const concurrency of bench.scale.concurrencies) {
      const what = `${PRINT.what} in ${concurrency} live workspaces`;
      const measure = async (service: Service): Promise<number> => {
        const free = Array.from({ length: concurrency }, () => bench.newMessage());
        await Promise.all(free.map(async (message) => expectOk(await service.api.run(PRINT.text, message))));
        return await perSecond(concurrency, bench.scale.seconds, async () => {
          const message = free.pop() ?? bench.newMessage();
          expectOk(await service.api.run(PRINT.text, message));
          free.push(message);
        });
      };
      const goal = { least: 15 };
      rows.push(await ratesOf(bench, concurrency, { code: PRINT, id: 'rate-live', what, goal, measure }));
    }
    return rows;
  },
};
