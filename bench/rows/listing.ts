import type { Benchmark } from '../bench.js';
import { FILES_OF_CHAT } from '../subjects/filled-database.js';
import { growthOf } from './growth.js';

/** The files of a chat, as its panel asks for them. */
export const CHAT_FILES = '/downloads/code-execution/chat/c-3/files';

export const listing: Benchmark = {
  name: 'listing',
  measure: async (bench) => {
    const { small, large, rounds } = bench.scale;
    return await growthOf(bench, {
      ...{ id: 'listing', rounds },
      what: `listing a chat of ${FILES_OF_CHAT} files among ${large.files} rows`,
      than: `among ${small.files}`,
      call: async ({ api }) => await api.get(CHAT_FILES),
    });
  },
};
