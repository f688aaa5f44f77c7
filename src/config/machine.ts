import { availableParallelism, totalmem } from 'node:os';

/** What derived defaults are derived from. */
export interface Machine {
  /** Memory this process may use, in bytes: the cgroup's limit where there is one. */
  memoryBytes: number;
  /** Processors this process may use. */
  cores: number;
}

/** The machine, or the part of it that a container was given. */
export function thisMachine(): Machine {
  const total = totalmem();
  // 0: unknown. Without a limit cgroup v2 tells a number far above the memory there is.
  const limit = process.constrainedMemory();
  return { memoryBytes: limit > 0 ? Math.min(limit, total) : total, cores: availableParallelism() };
}
