import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Row, Scale } from '../row.js';
import type { Subjects } from '../subjects.js';
import { PRINT } from './codes.js';
import { expectOk } from './latency.js';

const KIB_PER_MB = 1024;
const TICKS_PER_SECOND = 100;

/** What kernels and runs take of the machine. */
export async function costRows(subjects: Subjects, scale: Scale): Promise<Row[]> {
  return [await memoryPerKernel(subjects), await cpuPerRun(subjects, scale)];
}

/** Libraries loaded, nothing run yet. */
async function memoryPerKernel({ service }: Subjects): Promise<Row> {
  const records = join(service.directory, 'engine/kernels');
  const sizes: number[] = [];
  for (const name of (await readdir(records)).filter((name) => name.endsWith('.json'))) {
    const { uid } = JSON.parse(await readFile(join(records, name), 'utf8')) as { uid: number | null };
    if (uid !== null) sizes.push(await megabytesOfUser(uid));
  }
  const ours = sizes.length > 0 ? Math.min(...sizes) : Number.NaN;
  return { id: 'kernel-memory', what: 'memory (PSS) of a ready kernel', unit: 'MB', ours };
}

async function megabytesOfUser(uid: number): Promise<number> {
  let kib = 0;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    if (!new RegExp(`^Uid:\\s+${uid}\\s`, 'm').test(status)) continue;
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    kib += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  }
  return kib / KIB_PER_MB;
}

async function cpuPerRun({ api, service }: Subjects, { rounds }: Scale): Promise<Row> {
  const before = await cpuSecondsBelow(service.pid);
  for (let round = 0; round < rounds; round += 1) expectOk(await api.run(PRINT, { message_id: 'live' }));
  const ours = ((await cpuSecondsBelow(service.pid)) - before) / rounds;
  return { id: 'cpu-live', what: 'CPU of print(1) in a live workspace, all processes', unit: 'CPU s', ours };
}

async function cpuSecondsBelow(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (status === null) return 0;
  // The name, in parentheses, may hold spaces; user and system time are fields 14 and 15.
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  let seconds = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  for (const thread of await readdir(`/proc/${pid}/task`).catch(() => [])) {
    const children = await readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '');
    for (const child of children.split(' ').filter(Boolean)) seconds += await cpuSecondsBelow(Number(child));
  }
  return seconds;
}
