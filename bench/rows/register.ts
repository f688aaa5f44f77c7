import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Benchmark } from '../bench.js';
import { growthDuring, serviceProcesses } from '../processes.js';
import { withRatio, type Row } from '../row.js';
import { interleaved, timed } from '../statistics.js';
import { expectOk } from '../subjects/service.js';
import { directoryOf } from './directory-of.js';

const execute = promisify(execFile);
/** What it takes to know a file's SHA-256 and to have a durable copy. */
const BY_HAND = 'openssl dgst -sha256 "$0" && cp "$0" "$1" && sync "$1"';

/** From the end of the code to a durable copy under its SHA-256. */
export const register: Benchmark = {
  name: 'register',
  measure: async (bench) => {
    const { largeFileMiB, slowRounds } = bench.scale;
    const service = await bench.onPglite();
    const message = bench.newMessage();
    expectOk(await service.api.run('import os', message));
    const directory = await directoryOf(service, message.message_id);
    const growth: number[] = [];
    const { ours, tools } = await interleaved(Math.max(2, Math.floor(slowRounds / 4)), {
      ours: async (round) => {
        let milliseconds = Number.NaN;
        const grown = await growthDuring(
          () => serviceProcesses(service.process.pid),
          async () => {
            const execution = expectOk(
              await service.api.run(largeFile(largeFileMiB, round), { ...message, timeout: 600 }),
            );
            milliseconds = execution.timings_ms?.collect ?? Number.NaN;
          },
        );
        growth.push(grown);
        return milliseconds;
      },
      // A new copy each time, as the service's: in memory that was just given back Linux writes faster.
      tools: async (round) => {
        const copy = join(service.process.directory, `copy-${String(round)}.bin`);
        const original = join(directory, largeFileName(round));
        return await timed(async () => await execute('sh', ['-c', BY_HAND, original, copy]));
      },
    });
    await bench.forgetMessages([service]);
    const row: Row = {
      ...{ id: 'register', what: `registering ${largeFileMiB} MiB`, unit: 'ms', ours: { pglite: ours } },
      ...{ other: { name: '`openssl`, `cp`, `sync`', ...tools }, memory: { ours: Math.max(...growth) } },
    };
    return [withRatio(row, 'ours/other', { most: 1 })];
  },
};

/**
 * Code that writes a new one, to the disk, instead of the last round's. As the tools find it, so does the service:
 * else it would wait for Linux to write the original too.
 */
export function largeFile(mebibytes: number, round: number): string {
  const mark = String(round).padStart(1024, '0');
  return `
import glob, os
for old in glob.glob('large-*.bin'): os.remove(old)
with open('${largeFileName(round)}', 'wb') as file:
    for _ in range(${mebibytes}): file.write(os.urandom(1024) * 1023 + b'${mark}')
    os.fsync(file)`;
}

/** The name of a round's file. */
export function largeFileName(round: number): string {
  return `large-${String(round)}.bin`;
}
