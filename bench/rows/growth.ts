import type { Bench } from '../bench.js';
import { withRatio, type Home, type Row } from '../row.js';
import type { TableSizes } from '../scale.js';
import { interleaved, timed } from '../statistics.js';
import { fill, inDatabase } from '../subjects/filled-database.js';
import { withReadyKernels } from '../subjects/ready-kernels.js';
import type { Service } from '../subjects/service.js';

interface Growth {
  id: string;
  what: string;
  /** What the small database holds. */
  than: string;
  rounds: number;
  call: (service: Service) => Promise<unknown>;
  /** The call takes a ready kernel, which is replaced before anything else is measured. */
  takesReadyKernel?: boolean;
}

/** The same call to a service with a small and one with a large database; a row for each database. */
export async function growthOf(bench: Bench, growth: Growth): Promise<Row[]> {
  const { id, what, than, rounds, call, takesReadyKernel = false } = growth;
  const measure = async (service: Service): Promise<number> => {
    const work = async (): Promise<number> => await timed(async () => await call(service));
    return takesReadyKernel ? await withReadyKernels(service, work) : await work();
  };
  const rows: Row[] = [];
  for (const home of await homesOf(bench)) {
    const small = await serviceWith(bench, home, 'small');
    const large = await serviceWith(bench, home, 'large');
    const measured = await interleaved(rounds, {
      small: async () => await measure(small),
      large: async () => await measure(large),
    });
    const row: Row = {
      ...{ id, what, unit: 'ms', ours: { [home]: measured.large } },
      other: { name: than, ...measured.small },
    };
    rows.push(withRatio(row, 'ours/other', { most: 1.2 }));
  }
  return rows;
}

async function homesOf(bench: Bench): Promise<Home[]> {
  const homes: Home[] = (await bench.postgres()) === null ? ['pglite'] : ['pglite', 'postgres'];
  return bench.scale.bothHomes ? homes : homes.slice(-1);
}

async function serviceWith(bench: Bench, home: Home, size: 'small' | 'large'): Promise<Service> {
  const sizes: TableSizes = bench.scale[size];
  return await bench.special(`${size} database`, home, {}, async (database) => {
    await inDatabase(database, async (source) => await fill(source, sizes));
  });
}
