import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark } from '../bench.js';
import { familyOf, growthDuring, serviceProcesses } from '../processes.js';
import { withRatio, type Row } from '../row.js';
import { interleaved } from '../statistics.js';
import { expectOk } from '../subjects/service.js';
import { transfer } from '../subjects/transfer.js';
import { directoryOf } from './directory-of.js';
import { largeFile, largeFileName } from './register.js';

const MS = 1000;

/** Reading one large file, beside nginx, by the same client. */
export const download: Benchmark = {
  name: 'download',
  measure: async (bench) => {
    const { largeFileMiB, slowRounds } = bench.scale;
    const service = await bench.onPglite();
    const { api, process } = service;
    const message = bench.newMessage();
    const execution = await api.run(largeFile(largeFileMiB, 0), { ...message, timeout: 600 });
    const url = api.url + (expectOk(execution).files[0]?.url ?? '');
    const nginx = await bench.nginx();
    if (nginx) {
      const directory = await directoryOf(service, message.message_id);
      await copyFile(join(directory, largeFileName(0)), join(nginx.directory, 'large.bin'));
    }
    const rate = async (from: string): Promise<number> =>
      (largeFileMiB * MS) / (await transfer('get', from, api.authorization));
    const measured = await interleaved(Math.max(3, Math.floor(slowRounds / 4)), {
      ours: async () => await rate(url),
      ...(nginx && { nginx: async () => await rate(`${nginx.url}/large.bin`) }),
    });
    const memory = {
      ours: await growthDuring(
        () => serviceProcesses(process.pid),
        async () => await rate(url),
      ),
      ...(nginx && {
        other: await growthDuring(
          () => familyOf(nginx.pid),
          async () => await rate(`${nginx.url}/large.bin`),
        ),
      }),
    };
    await bench.forgetMessages([service]);
    const row: Row = {
      ...{ id: 'download', what: `downloading ${largeFileMiB} MiB`, unit: 'MB/s', memory },
      ours: { pglite: { value: measured.ours.value } },
      ...(measured.nginx && { other: { name: 'nginx', value: measured.nginx.value } }),
    };
    return [withRatio(row, 'ours/other', { least: 0.7 })];
  },
};
