import type { ExecutionTimings } from '../execution.entity.js';

/** Times the parts of a run, in whole milliseconds. */
export class Stopwatch {
  private readonly spent: ExecutionTimings;

  constructor(queuedMs: number) {
    this.spent = { queue: Math.round(queuedMs), prepare: 0, kernel: 0, run: 0, collect: 0 };
  }

  async time<T>(part: keyof ExecutionTimings, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.spent[part] = Math.round(performance.now() - start);
    }
  }

  timings(): ExecutionTimings {
    return { ...this.spent };
  }
}
