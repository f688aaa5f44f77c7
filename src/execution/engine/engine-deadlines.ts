/** How long the engine waits, in milliseconds, before it gives something up. */
export interface EngineDeadlines {
  /** The managed server until it is ready, or a kernel until it answers. */
  readonly startMs: number;
  /** Any other call. */
  readonly callMs: number;
  /** A lost connection until it stands again; then executions under way end as died. */
  readonly lossMs: number;
  /** A running execution without a sign of life until the engine is asked whether the kernel still runs it. */
  readonly silenceMs: number;
}

export const DEFAULT_DEADLINES: EngineDeadlines = {
  startMs: 60_000,
  callMs: 10_000,
  lossMs: 5_000,
  silenceMs: 10_000,
};

/** Aborts after `ms`, or with `signal`. */
export function deadlineSignal(ms: number, signal?: AbortSignal): AbortSignal {
  const deadline = AbortSignal.timeout(ms);
  return signal ? AbortSignal.any([deadline, signal]) : deadline;
}

/** Settles as `promise` does, or rejects with the signal's reason as soon as it aborts. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
  });
}
