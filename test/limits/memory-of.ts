import { readdir, readFile } from 'node:fs/promises';
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

export async function openDescriptors(pid: number): Promise<number> {
  return (await readdir(`/proc/${String(pid)}/fd`)).length;
}

/** Looks at the memory of processes until told to stop; resolves to the most that each of them had. */
export function watchMemory(pids: readonly number[]): () => Promise<number[]> {
  const most = pids.map(() => 0);
  let watching = true;
  const watch = (async () => {
    while (watching) {
      const now = await Promise.all(pids.map((pid) => memoryOf(pid)));
      now.forEach((mib, index) => (most[index] = Math.max(most[index] ?? 0, mib)));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return async () => {
    watching = false;
    await watch;
    return most;
  };
}
