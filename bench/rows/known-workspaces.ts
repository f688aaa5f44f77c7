import type { Benchmark } from '../bench.js';
import { expectOk } from '../subjects/service.js';
import { PRINT } from './codes.js';
import { growthOf } from './growth.js';

/** What other workspaces cost: a new one, and the list of those of one user. */
export const knownWorkspaces: Benchmark = {
  name: 'known-workspaces',
  measure: async (bench) => {
    const { small, large, rounds, slowRounds } = bench.scale;
    const among = `among ${large.workspaces} workspaces`;
    const than = `among ${small.workspaces}`;
    return [
      ...(await growthOf(bench, {
        ...{ id: 'known-workspaces-new', what: `${PRINT.what} in a new message ${among}`, than },
        rounds: slowRounds,
        takesReadyKernel: true,
        call: async ({ api }) => expectOk(await api.run(PRINT.text, bench.newMessage())),
      })),
      ...(await growthOf(bench, {
        ...{ id: 'known-workspaces-list', what: `listing ten of a user's ${among}`, than, rounds },
        call: async ({ api }) => await api.get('/workspaces?limit=10'),
      })),
    ];
  },
};
