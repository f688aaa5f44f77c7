const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Milliseconds for `setTimeout`. Settings in seconds have no upper bound, but a timer above 2³¹ − 1 ms
 * (24.8 days) fires at once: such a time is cut to the longest there is.
 */
export function timerMs(seconds: number): number {
  return Math.min(Math.ceil(seconds * 1000), LONGEST_TIMER_MS);
}
