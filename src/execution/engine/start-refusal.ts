/** What servers say when they refuse a kernel, and what it means to an admin. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [
    /not authorized|set of users authorized/i,
    'it starts none for this user; name another one as KERNEL_USERNAME in KERNEL_ENV, or allow it at the gateway',
  ],
  [/SSH/i, 'the gateway does not reach the host that should run it, or may not log in there'],
  [
    /waited too long|launch timeout/i,
    'it did not come up in the time the gateway gives it; EG_KERNEL_LAUNCH_TIMEOUT makes that longer',
  ],
  [
    /environment variable '(?:KERNEL_)?\w+'/i,
    'the gateway does not take an environment variable of KERNEL_ENV',
  ],
  [/no host answers/i, 'none of the hosts for kernels answers'],
  [/no such kernel/i, 'it does not have the kernel spec; KERNEL_NAME names one it has'],
];

/**
 * Why a server refused to start a kernel, as the end of a sentence; null when nobody can say. The server's own
 * words stay in the log: they tell paths and addresses.
 */
export function startRefusal(answer: string): string | null {
  return MEANINGS.find(([pattern]) => pattern.test(answer))?.[1] ?? null;
}

/** Whether a server refused because it runs as many kernels as it may (`EG_MAX_KERNELS` and the like). */
export function isFull(answer: string): boolean {
  return /max kernels|resource limit/i.test(answer);
}
