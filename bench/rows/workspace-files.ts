import type { Benchmark } from '../bench.js';
import { withRatio, type Row } from '../row.js';
import { interleaved, timed, type Measurement } from '../statistics.js';
import { expectOk } from '../subjects/service.js';
import { PRINT } from './codes.js';
import { makeFiles } from './compare.js';

const FEW = 10;

/** What the files of a workspace cost each run in it: they are looked at before and after the code. */
export const workspaceFiles: Benchmark = {
  name: 'workspace-files',
  measure: async (bench) => {
    const { files, rounds } = bench.scale;
    const service = await bench.onPglite();
    const inWorkspaceWith = async (count: number): Promise<Measurement> => {
      const message = bench.newMessage();
      expectOk(await service.api.run(makeFiles(count), message));
      expectOk(await service.api.run(PRINT.text, message));
      return async () => await timed(async () => expectOk(await service.api.run(PRINT.text, message)));
    };
    const counts = [files, files / 10];
    const rows: Row[] = [];
    const few = await inWorkspaceWith(FEW);
    for (const count of counts) {
      const many = await inWorkspaceWith(count);
      const measured = await interleaved(Math.ceil(rounds / 4), { few, many });
      const row: Row = {
        ...{ id: `workspace-files-${count}`, unit: 'ms', ours: { pglite: measured.many } },
        what: `${PRINT.what} in a live workspace of ${count} files`,
        other: { name: `of ${FEW}`, ...measured.few },
      };
      rows.push(withRatio(row, 'ours/other'));
    }
    await bench.forgetMessages([service]);
    return rows;
  },
};
