import { constants } from 'node:os';
import type { KernelDeath, KernelEnd } from '../engine/index.js';
import type { CodeEnd } from './code-run.js';

const AFTER = 'Its variables are lost, its files are kept, and the next run gets a fresh one.';
const KILLED = -constants.signals.SIGKILL;

/** What a run has to say whose kernel died under it; `end` is null when nobody knows how. */
export function endOfDeadKernel(death: KernelDeath, end: KernelEnd | null, memoryBytes: number): CodeEnd {
  const { cause, message } = death;
  if (cause !== 'exited' || end === null) return { status: 'died', reason: { code: cause, message } };
  // Null when the process that could tell was killed itself.
  if (end.outOfMemory && (end.exitCode ?? KILLED) === KILLED) {
    const most = `${String(Math.round(memoryBytes / 1024 ** 2))} MiB`;
    return {
      status: 'stopped',
      reason: {
        code: 'memory',
        message: `The code took more than the ${most} of memory that a kernel may have, which ended the kernel. ${AFTER}`,
      },
    };
  }
  return { status: 'died', reason: { code: cause, message: `${message} ${how(end.exitCode)}${AFTER}` } };
}

function how(exitCode: number | null): string {
  if (exitCode === null) return '';
  if (exitCode >= 0) return `It exited with code ${String(exitCode)}. `;
  const name = Object.entries(constants.signals).find(([, number]) => number === -exitCode)?.[0];
  return `It was ended by ${name ?? `signal ${String(-exitCode)}`}. `;
}
