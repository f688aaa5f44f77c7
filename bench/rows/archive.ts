import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Benchmark } from '../bench.js';
import { growthDuring, serviceProcesses } from '../processes.js';
import { withRatio, type Row } from '../row.js';
import { interleaved, timed } from '../statistics.js';
import { expectOk } from '../subjects/service.js';
import { isInstalled } from '../tools.js';
import { directoryOf } from './directory-of.js';

const execute = promisify(execFile);
const FILES = 1_000;
const BYTES = 10_000;
/** Stored as they are, to a stream that nobody looks at. */
const BY_HAND = 'cd "$0" && zip -0 -q -r - . > /dev/null';

/** All files of a message as one ZIP. */
export const archive: Benchmark = {
  name: 'archive',
  measure: async (bench) => {
    const service = await bench.onPglite();
    const { api, process } = service;
    const message = bench.newMessage();
    const make = `
import os
for number in range(${FILES}):
    with open(f'{number}.bin', 'wb') as file: file.write(os.urandom(${BYTES}))`;
    expectOk(await api.run(make, message));
    const directory = await directoryOf(service, message.message_id);
    const ours = async (): Promise<number> =>
      await timed(
        async () => await api.download(`/api/v1/downloads/code-execution/${message.message_id}/archive`),
      );
    const measured = await interleaved(bench.scale.slowRounds, {
      ours,
      ...(isInstalled('zip') && {
        zip: async () => await timed(async () => await execute('sh', ['-c', BY_HAND, directory])),
      }),
    });
    const memory = { ours: await growthDuring(() => serviceProcesses(process.pid), ours) };
    await bench.forgetMessages([service]);
    const row: Row = {
      ...{ id: 'archive', what: `ZIP of ${FILES} files of ${BYTES / 1000} kB`, unit: 'ms', memory },
      ours: { pglite: measured.ours },
      ...(measured.zip && { other: { name: '`zip -0`', ...measured.zip } }),
    };
    return [withRatio(row, 'ours/other')];
  },
};
