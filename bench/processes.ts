import { readFileSync, readdirSync } from 'node:fs';

const TICKS_PER_SECOND = 100;
const KIB_PER_MB = 1024;

/** A process with all that came of it, parents first; those that are gone meanwhile are left out. */
export function familyOf(pid: number): number[] {
  const children = entries(`/proc/${pid}/task`).flatMap((thread) =>
    textOf(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(familyOf)];
}

/**
 * CPU seconds of a process and all that came of it. What a child used is counted once it is waited for, or while
 * it lives; so nothing may end unwaited for between two looks.
 */
export function cpuSeconds(pid: number): number {
  return familyOf(pid).reduce((sum, member) => {
    // The name, in parentheses, may hold spaces; fields 14 to 17 are own and waited-for time (proc(5)).
    const text = textOf(`/proc/${member}/stat`);
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 15)
      .map(Number);
    return sum + fields.reduce((ticks, field) => ticks + field, 0) / TICKS_PER_SECOND;
  }, 0);
}

/** The proportional share of memory (PSS) of these processes, in MB. */
export function memoryOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + kib(`/proc/${pid}/smaps_rollup`, 'Pss'), 0) / KIB_PER_MB;
}

/** The service itself without kernels: Node.js, the workspace helper, Jupyter, and the parent of the kernels. */
export function serviceProcesses(pid: number): number[] {
  const isOurs = /node|mntdata_runtime\.(server|parent|workspace_helper)|workspace_helper/;
  const members = familyOf(pid).map((member) => ({ member, command: textOf(`/proc/${member}/cmdline`) }));
  const parent = members.find(({ command }) => command.includes('mntdata_runtime.parent'));
  // Forked kernels bear their parent's command line.
  return members
    .filter(({ member, command }) => isOurs.test(command) && (!isFork(command) || member === parent?.member))
    .map(({ member }) => member);
}

function isFork(command: string): boolean {
  return command.includes('mntdata_runtime.parent');
}

/** Runs the work and tells by how many MB the processes grew at most meanwhile. */
export async function growthDuring(
  pids: () => readonly number[],
  work: () => Promise<unknown>,
): Promise<number> {
  const resident = (): number =>
    pids().reduce((sum, pid) => sum + kib(`/proc/${pid}/status`, 'VmRSS'), 0) / KIB_PER_MB;
  const before = resident();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, resident())), 100);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return Math.max(most, resident()) - before;
}

function kib(path: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(textOf(path))?.[1] ?? 0);
}

/** Empty for what is gone. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function entries(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
