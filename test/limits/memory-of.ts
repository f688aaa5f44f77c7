import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { childrenOf, describeProcess } from '../engine/processes.js';

const MIB = 1024 ** 2;

/** Resident memory of one process in MiB. */
export async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return (Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024) / MIB;
}

/** The Jupyter server that a service supervises. */
export async function serverOf(service: number): Promise<number> {
  for (const pid of await childrenOf(service)) {
    if ((await describeProcess(pid)).command.includes('mntdata_runtime.server')) return pid;
  }
  throw new Error('The service has no Jupyter server.');
}

/** Open descriptors of a process; those of an embedded database, which opens its tables one by one, do not count. */
export async function openDescriptors(pid: number): Promise<number> {
  const directory = `/proc/${String(pid)}/fd`;
  const names = await readdir(directory);
  const targets = await Promise.all(names.map((name) => readlink(join(directory, name)).catch(() => null)));
  return targets.filter((target) => target !== null && !target.includes('/database/')).length;
}

/** Looks at the memory of processes until told to stop; resolves to the most that each of them had. */
export function watchMemory(pids: readonly number[]): () => Promise<number[]> {
  const most = pids.map(() => 0);
  const watching = new AbortController();
  const watch = (async () => {
    while (!watching.signal.aborted) {
      const now = await Promise.all(pids.map((pid) => memoryOf(pid)));
      now.forEach((mib, index) => (most[index] = Math.max(most[index] ?? 0, mib)));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return async () => {
    watching.abort();
    await watch;
    return most;
  };
}
