import { readdir, readFile } from 'node:fs/promises';

/** The children of a process, from Linux' /proc. */
export async function childrenOf(parent: number): Promise<number[]> {
  const parents = await allParents();
  return [...parents.keys()].filter((pid) => parents.get(pid) === parent);
}

/** Its children, and theirs. */
export async function descendantsOf(ancestor: number): Promise<number[]> {
  const parents = await allParents();
  const below = (parent: number): number[] =>
    [...parents.keys()].filter((pid) => parents.get(pid) === parent).flatMap((pid) => [pid, ...below(pid)]);
  return below(ancestor);
}

export async function describeProcess(pid: number): Promise<{ command: string; environment: string[] }> {
  const command = await readFile(`/proc/${String(pid)}/cmdline`, 'utf8');
  const environment = await readFile(`/proc/${String(pid)}/environ`, 'utf8');
  return { command: command.replaceAll('\0', ' '), environment: environment.split('\0').filter(Boolean) };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The parent of every process; null for one that ended meanwhile. */
async function allParents(): Promise<Map<number, number | null>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  return new Map(await Promise.all(pids.map(async (pid) => [pid, await parentOf(pid)] as const)));
}

async function parentOf(pid: number): Promise<number | null> {
  try {
    const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
    // The name in parentheses may hold anything, spaces too.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null; // It ended meanwhile.
  }
}
