import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LIVE, type Benchmark } from '../bench.js';
import { familyOf, memoryOf } from '../processes.js';
import { expectOk } from '../subjects/service.js';
import { PRINT } from './codes.js';

/** What a kernel takes that has its libraries loaded and waits, with its room; other kernels share much of it. */
export const kernelMemory: Benchmark = {
  name: 'kernel-memory',
  measure: async (bench) => {
    const { process, api } = await bench.onPglite();
    expectOk(await api.run(PRINT.text, { message_id: LIVE }));
    const records = join(process.directory, 'engine/kernels');
    const sizes: number[] = [];
    for (const name of (await readdir(records)).filter((file) => file.endsWith('.json'))) {
      const { uid } = JSON.parse(await readFile(join(records, name), 'utf8')) as { uid: number | null };
      if (uid !== null) sizes.push(memoryOf(await processesOf(uid, process.pid)));
    }
    // Without root all have the uid of the service.
    if (sizes.length === 0) return [];
    const what = 'memory (PSS) of a ready kernel';
    return [{ id: 'kernel-memory', what, unit: 'MB', ours: { pglite: { value: Math.min(...sizes) } } }];
  },
};

/** The processes of a kernel's uid, which is its workspace's alone. */
async function processesOf(uid: number, service: number): Promise<number[]> {
  const owned = await Promise.all(
    familyOf(service).map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      return new RegExp(`^Uid:\\s+${uid}\\s`, 'm').test(status) ? [pid] : [];
    }),
  );
  return owned.flat();
}
