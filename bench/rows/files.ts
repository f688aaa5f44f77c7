import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Row, Scale } from '../row.js';
import { interleaved, timed } from '../statistics.js';
import type { Subjects } from '../subjects.js';
import { expectOk } from './latency.js';

const execute = promisify(execFile);
const MIB = 1024 ** 2;

/** What files cost beside the tools of the operating system. */
export async function fileRows(subjects: Subjects, scale: Scale): Promise<Row[]> {
  return [await comparing(subjects, scale), ...(await largeFile(subjects, scale))];
}

async function comparing(subjects: Subjects, { files, slowRounds }: Scale): Promise<Row> {
  const { api } = subjects;
  const message_id = 'many-files';
  const make = `
import os
for number in range(${files}):
    os.makedirs(f'd{number % 100}', exist_ok=True)
    with open(f'd{number % 100}/{number}.txt', 'w') as file: file.write(str(number))`;
  expectOk(await api.run(make, { message_id }));
  const directory = await directoryOf(subjects, message_id);
  // What was just written is hashed again, once.
  expectOk(await api.run('1', { message_id }));
  const { ours, find } = await interleaved(slowRounds, {
    ours: async () => expectOk(await api.run('1', { message_id })).timings_ms?.collect ?? Number.NaN,
    find: () =>
      timed(async () => await execute('find', [directory, '-printf', '%s %T@'], { maxBuffer: 64 * MIB })),
  });
  return {
    ...{ id: 'compare', what: `comparing ${files} unchanged files`, unit: 'ms' },
    ...{ ours: ours.median, oursP95: ours.p95, other: { name: 'find', value: find.median, p95: find.p95 } },
    ratio: { value: ours.median / find.median, goal: { most: 3 } },
  };
}

async function largeFile(subjects: Subjects, { largeFileMiB, slowRounds }: Scale): Promise<Row[]> {
  const { api, newMessage } = subjects;
  const rounds = Math.max(2, Math.floor(slowRounds / 4));
  const message_id = newMessage();
  let url = '';
  const write = (round: number): string => `
import os
with open('large.bin', 'wb') as file:
    for _ in range(${largeFileMiB}): file.write(os.urandom(1024) * 1023 + b'${String(round).padStart(1024, '0')}')`;
  let directory = '';
  const { ours, tools } = await interleaved(rounds, {
    ours: async (round) => {
      const execution = expectOk(await api.run(write(round), { message_id, timeout: 300 }));
      url = execution.files[0]?.url ?? '';
      return execution.timings_ms?.collect ?? Number.NaN;
    },
    tools: async () => {
      directory ||= await directoryOf(subjects, message_id);
      const file = join(directory, 'large.bin');
      const copy = join(subjects.service.directory, 'copy.bin');
      return await timed(async () => {
        const script = 'openssl dgst -sha256 "$0" && cp "$0" "$1" && sync "$1"';
        await execute('sh', ['-c', script, file, copy]);
      });
    },
  });
  const registering: Row = {
    ...{ id: 'register', what: `registering ${largeFileMiB} MiB`, unit: 'ms' },
    ...{ ours: ours.median, oursP95: ours.p95, other: { name: 'openssl, cp, sync', value: tools.median } },
    ratio: { value: ours.median / tools.median, goal: { most: 1 } },
  };
  return [registering, await downloading(subjects, url, join(directory, 'large.bin'), rounds)];
}

/** Beside a copy by the shell, as nginx is not everywhere. */
async function downloading({ api }: Subjects, url: string, file: string, rounds: number): Promise<Row> {
  const { size } = await stat(file);
  const { ours } = await interleaved(rounds, {
    ours: () => timed(async () => await drain(api.url + url, api.authorization)),
  });
  return {
    ...{ id: 'download', what: `downloading ${Math.round(size / MIB)} MiB`, unit: 'MB/s' },
    ours: size / MIB / (ours.median / 1000),
  };
}

async function drain(url: string, authorization: string): Promise<void> {
  const response = await fetch(url, { headers: { Authorization: authorization } });
  if (!response.ok || !response.body) throw new Error(`The download was answered with ${response.status}.`);
  const reader = response.body.getReader();
  while (!(await reader.read()).done);
}

async function directoryOf({ admin, service, api }: Subjects, message_id: string): Promise<string> {
  const marker = `marker-${Date.now()}.tmp~`;
  await api.run(`open('${marker}', 'w').close()`, { message_id });
  const { body } = await admin.get<{ items: { directory: string }[] }>('/admin/kernels');
  for (const { directory } of body.items) {
    const path = join(service.directory, 'workspaces', directory);
    const found = await stat(join(path, marker)).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  throw new Error(`The directory of ${message_id} was not found.`);
}
