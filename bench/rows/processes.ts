import { SeveralProcesses } from '../../test/processes/several-processes.js';
import type { Bench, Benchmark } from '../bench.js';
import { withRatio, type Row } from '../row.js';
import { perSecond, summarise } from '../statistics.js';
import { expectOk, LIMITS, pythonEnvironment } from '../subjects/service.js';
import { PRINT } from './codes.js';

const MOST = 3;
const CONCURRENCY = 8;
/** Each number of processes has its turn so many times. */
const TURNS = 3;

/** Runs a second through one and through several API processes that share an engine and a Postgres. */
export const processes: Benchmark = {
  name: 'processes',
  fullOnly: true,
  measure: async (bench) => {
    const server = await bench.postgres();
    if (server === null) return [];
    const env = { ...LIMITS, PYTHON_ENVIRONMENT: pythonEnvironment, LEASE_SECONDS: '15' };
    const all = await SeveralProcesses.start(MOST, env, server);
    try {
      return await rowsOf(bench, all);
    } finally {
      await all.stop();
    }
  },
};

async function rowsOf(bench: Bench, all: SeveralProcesses): Promise<Row[]> {
  const counts = Array.from({ length: MOST }, (_, index) => index + 1);
  const measures = await Promise.all(counts.map(async (count) => await throughFirst(bench, all, count)));
  const rates = counts.map(() => new Array<number>());
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const [index, measure] of measures.entries()) rates[index]?.push(await measure());
  }
  const [one = 0, ...more] = rates.map((measured) => summarise(measured).value);
  return more.map((rate, index) =>
    withRatio(
      {
        ...{ id: `processes-${index + 2}`, unit: 'runs/s', ours: { postgres: { value: rate } } },
        what: `${PRINT.what} in ${CONCURRENCY} live workspaces through ${index + 2} API processes`,
        other: { name: 'one process', value: one },
      },
      'ours/other',
    ),
  );
}

/** Measures runs a second through the first `count` processes, in live workspaces that each belong to one of them. */
async function throughFirst(
  bench: Bench,
  all: SeveralProcesses,
  count: number,
): Promise<() => Promise<number>> {
  const { each } = await all.clients('bench');
  const run = async (place: Place): Promise<void> => {
    expectOk(await place.client.run(PRINT.text, place.message));
  };
  const free = Array.from({ length: CONCURRENCY }, (_, index) => placeOf(bench, each, index % count));
  for (const place of free) await run(place);
  return async () =>
    await perSecond(CONCURRENCY, bench.scale.seconds, async () => {
      const place = free.pop() ?? placeOf(bench, each, 0);
      await run(place);
      free.push(place);
    });
}

interface Place {
  message: { message_id: string };
  client: Clients[number];
}

type Clients = Awaited<ReturnType<SeveralProcesses['clients']>>['each'];

function placeOf(bench: Bench, clients: Clients, index: number): Place {
  const client = clients[index];
  if (!client) throw new RangeError(`There is no process ${index}.`);
  return { message: bench.newMessage(), client };
}
