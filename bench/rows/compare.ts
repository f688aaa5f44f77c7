import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Benchmark } from '../bench.js';
import { growthDuring, serviceProcesses } from '../processes.js';
import { withRatio, type Row } from '../row.js';
import { interleaved, timed } from '../statistics.js';
import { expectOk } from '../subjects/service.js';
import { directoryOf } from './directory-of.js';

const execute = promisify(execFile);
const MAX_OUTPUT = 64 * 1024 ** 2;

/** Looking for changes where there are none, which every run does; nothing is hashed. */
export const compare: Benchmark = {
  name: 'compare',
  measure: async (bench) => {
    const { files, slowRounds } = bench.scale;
    const service = await bench.onPglite();
    const message = bench.newMessage();
    const run = async (code: string): Promise<number> =>
      expectOk(await service.api.run(code, message)).timings_ms?.collect ?? Number.NaN;
    await run(makeFiles(files));
    const directory = await directoryOf(service, message.message_id);
    // What was just written is hashed again, once.
    await run('1');
    const list = ['find', [directory, '-printf', '%s %T@']] as const;
    const { ours, find } = await interleaved(slowRounds, {
      ours: async () => await run('1'),
      find: async () => await timed(async () => await execute(...list, { maxBuffer: MAX_OUTPUT })),
    });
    const grown = await growthDuring(
      () => serviceProcesses(service.process.pid),
      async () => await run('1'),
    );
    await bench.forgetMessages([service]);
    const row: Row = {
      ...{ id: 'compare', what: `comparing ${files} unchanged files`, unit: 'ms', ours: { pglite: ours } },
      ...{ other: { name: '`find`', ...find }, memory: { ours: grown } },
    };
    return [withRatio(row, 'ours/other', { most: 3 })];
  },
};

/** In a hundred directories. */
export function makeFiles(count: number): string {
  return `
import os
for number in range(${count}):
    os.makedirs(f'd{number % 100}', exist_ok=True)
    with open(f'd{number % 100}/{number}.txt', 'w') as file: file.write(str(number))`;
}
