import { LIVE, type Benchmark } from '../bench.js';
import { eachOf, homesOf } from '../each-service.js';
import { withRatio, type Row } from '../row.js';
import { interleaved, timed } from '../statistics.js';
import { expectOk } from '../subjects/service.js';
import { PRINT } from './codes.js';

/** What the service adds to a kernel. */
export const livePrint: Benchmark = {
  name: 'live-print',
  measure: async (bench) => {
    const services = await bench.services();
    const floor = await bench.floor();
    const { zmq, ...ours } = await interleaved(bench.scale.rounds, {
      ...eachOf(services, async ({ api }) => {
        return await timed(async () => expectOk(await api.run(PRINT.text, { message_id: LIVE })));
      }),
      zmq: async () => await floor.run(PRINT.text),
    });
    const row: Row = {
      ...{ id: 'live-print', what: `${PRINT.what} in a live workspace`, unit: 'ms' },
      ...{ ours: homesOf(ours), other: { name: 'plain ZMQ', ...zmq } },
    };
    return [withRatio(row, 'ours/other', { most: 3 })];
  },
};
