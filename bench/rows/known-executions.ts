import { LIVE, type Benchmark } from '../bench.js';
import { expectOk } from '../subjects/service.js';
import { PRINT } from './codes.js';
import { growthOf } from './growth.js';

/** What earlier executions cost: a run, and the list of those of one message. */
export const knownExecutions: Benchmark = {
  name: 'known-executions',
  measure: async (bench) => {
    const { small, large, rounds } = bench.scale;
    const among = `among ${large.executions} executions`;
    const than = `among ${small.executions}`;
    return [
      ...(await growthOf(bench, {
        ...{ id: 'known-executions-run', what: `${PRINT.what} in a live workspace ${among}`, than, rounds },
        call: async ({ api }) => expectOk(await api.run(PRINT.text, { message_id: LIVE })),
      })),
      ...(await growthOf(bench, {
        ...{ id: 'known-executions-list', what: `listing those of a message ${among}`, than, rounds },
        call: async ({ api }) => await api.get('/executions?message_id=m-3'),
      })),
    ];
  },
};
