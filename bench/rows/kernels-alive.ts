import { LIVE, type Bench, type Benchmark } from '../bench.js';
import { familyOf, memoryOf } from '../processes.js';
import { withRatio, type Row } from '../row.js';
import { interleaved, timed } from '../statistics.js';
import { expectOk, type Service } from '../subjects/service.js';
import { PRINT } from './codes.js';

/** What idle kernels cost the one that is used, and how much memory each takes that has run something. */
export const kernelsAlive: Benchmark = {
  name: 'kernels-alive',
  fullOnly: true,
  measure: async (bench) => {
    const { kernels, rounds } = bench.scale;
    // Beside the used one and the few that wait ready.
    const few = await serviceFor(bench, 'few', 8);
    const many = await serviceFor(bench, 'many', kernels + 8);
    const before = memoryOf(familyOf(many.process.pid));
    for (let count = 0; count < kernels; count += 1)
      expectOk(await many.api.run(PRINT.text, bench.newMessage()));
    const each = (memoryOf(familyOf(many.process.pid)) - before) / kernels;
    const measured = await interleaved(rounds, {
      few: async () => await timed(async () => await run(few)),
      many: async () => await timed(async () => await run(many)),
    });
    await bench.forgetMessages([many]);
    const row: Row = {
      ...{ id: 'kernels-alive', unit: 'ms', ours: { pglite: measured.many } },
      what: `${PRINT.what} in a live workspace while ${kernels} kernels are idle`,
      other: { name: 'while none is', ...measured.few },
    };
    const what = `memory (PSS) of each of ${kernels} idle kernels`;
    return [
      withRatio(row, 'ours/other', { most: 1.2 }),
      { id: 'kernels-alive-memory', what, unit: 'MB', ours: { pglite: { value: each } } },
    ];
  },
};

async function serviceFor(bench: Bench, name: string, kernels: number): Promise<Service> {
  const service = await bench.special(`${name} kernels`, 'pglite', { MAX_KERNELS: String(kernels) });
  await run(service);
  return service;
}

async function run({ api }: Service): Promise<void> {
  expectOk(await api.run(PRINT.text, { message_id: LIVE }));
}
