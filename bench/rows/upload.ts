import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bench, Benchmark } from '../bench.js';
import { familyOf, growthDuring, serviceProcesses } from '../processes.js';
import { withRatio, type Row } from '../row.js';
import { interleaved } from '../statistics.js';
import type { Service } from '../subjects/service.js';
import { transfer } from '../subjects/transfer.js';

const execute = promisify(execFile);
const MS = 1000;

/** Attaching one large file, beside a PUT to nginx, which neither hashes nor syncs it. */
export const upload: Benchmark = {
  name: 'upload',
  measure: async (bench) => {
    const { largeFileMiB, slowRounds } = bench.scale;
    const service = await bench.onPglite();
    const nginx = await bench.nginx();
    const file = await randomFile(service, largeFileMiB);
    const ours = async (): Promise<number> => await attach(service, file, largeFileMiB);
    const put = async (url: string): Promise<number> =>
      (largeFileMiB * MS) / (await transfer('put', `${url}/upload.bin`, '', file));
    const measured = await interleaved(Math.max(3, Math.floor(slowRounds / 4)), {
      ours,
      ...(nginx && { nginx: async () => await put(nginx.url) }),
    });
    const memory = {
      ours: await growthDuring(() => serviceProcesses(service.process.pid), ours),
      ...(nginx && {
        other: await growthDuring(
          () => familyOf(nginx.pid),
          async () => await put(nginx.url),
        ),
      }),
    };
    await rm(file);
    return [rowOf(bench, measured, memory)];
  },
};

function rowOf(
  bench: Bench,
  measured: { ours: { value: number }; nginx?: { value: number } },
  memory: Row['memory'] & object,
): Row {
  const row: Row = {
    ...{ id: 'upload', what: `uploading ${bench.scale.largeFileMiB} MiB`, unit: 'MB/s', memory },
    ours: { pglite: { value: measured.ours.value } },
    ...(measured.nginx && { other: { name: 'nginx', value: measured.nginx.value } }),
  };
  return withRatio(row, 'ours/other');
}

/** Its rate in MB/s. Each is of content that was not stored before, and is forgotten afterwards. */
async function attach({ api }: Service, file: string, mebibytes: number): Promise<number> {
  const handle = await open(file, 'r+');
  await handle.write(randomUUID(), 0);
  await handle.close();
  const milliseconds = await transfer('post', `${api.url}/api/v1/files`, api.authorization, file);
  for (const { id } of await api.files('message_id=upload')) await api.request('DELETE', `/files/${id}`);
  return (mebibytes * MS) / milliseconds;
}

async function randomFile({ process }: Service, mebibytes: number): Promise<string> {
  const file = join(process.directory, 'upload.bin');
  await execute('sh', ['-c', `head -c ${mebibytes}M /dev/urandom > "$0"`, file]);
  return file;
}
