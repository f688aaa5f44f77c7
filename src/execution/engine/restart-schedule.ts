const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;
/** A server that lasted this long was healthy: its end is the first failure again. */
const HEALTHY_MS = 60_000;

/** When to start again something that ended: at once, then after 1, 2, 4 … 30 s if it keeps ending. */
export class RestartSchedule {
  #failures = 0;
  #timer: NodeJS.Timeout | null = null;

  /** Whether a restart is planned and its time has not come. */
  get isWaiting(): boolean {
    return this.#timer !== null;
  }

  /** Plans the restart of what lasted `lastedMs`; the first one happens before this returns. */
  next(lastedMs: number, restart: () => void): void {
    this.cancel();
    if (lastedMs >= HEALTHY_MS) this.#failures = 0;
    const delayMs = restartDelay(this.#failures);
    this.#failures += 1;
    if (delayMs === 0) {
      restart();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = null;
      restart();
    }, delayMs);
  }

  cancel(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

/** Milliseconds to wait after `failures` earlier failures in a row. */
export function restartDelay(failures: number): number {
  return failures === 0 ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS);
}
