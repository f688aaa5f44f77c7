import type { Benchmark } from '../bench.js';
import { withRatio, type Row } from '../row.js';
import { interleaved, timed } from '../statistics.js';
import { fill, FILES_OF_CHAT, inDatabase } from '../subjects/filled-database.js';
import type { Service } from '../subjects/service.js';
import { CHAT_FILES } from './listing.js';

const SMALL = { files: 10_000, executions: 0, workspaces: 0 };
const LARGE = { ...SMALL, files: 10_000_000 };

/** What a company has after years; on Postgres only, which is what it would use. */
export const listingTenMillion: Benchmark = {
  name: 'listing-ten-million',
  fullOnly: true,
  measure: async (bench) => {
    if ((await bench.postgres()) === null) return [];
    const service = async (sizes: typeof SMALL): Promise<Service> =>
      await bench.special(`${sizes.files} files`, 'postgres', {}, async (database) => {
        await inDatabase(database, async (source) => await fill(source, sizes));
      });
    const small = await service(SMALL);
    const large = await service(LARGE);
    const measured = await interleaved(bench.scale.rounds, {
      small: async () => await timed(async () => await small.api.get(CHAT_FILES)),
      large: async () => await timed(async () => await large.api.get(CHAT_FILES)),
    });
    const row: Row = {
      ...{ id: 'listing-ten-million', unit: 'ms', ours: { postgres: measured.large } },
      what: `listing a chat of ${FILES_OF_CHAT} files among ${LARGE.files} rows`,
      other: { name: `among ${SMALL.files}`, ...measured.small },
    };
    return [withRatio(row, 'ours/other', { most: 1.2 })];
  },
};
