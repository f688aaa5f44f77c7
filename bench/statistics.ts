/** Median and p95 of a number of measurements of one thing. */
export interface Summary {
  value: number;
  p95: number;
}

/** @throws RangeError when nothing was measured */
export function summarise(values: readonly number[]): Summary {
  return { value: quantile(values, 0.5), p95: quantile(values, 0.95) };
}

/** The nearest measurement: no value that never occurred. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (value === undefined) throw new RangeError('Nothing was measured.');
  return value;
}

/** Milliseconds that the work took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** What one measurement of a contestant gives, in the unit of the row. */
export type Measurement = (round: number) => Promise<number>;

/** Measures the contestants in turn, so that what else the machine does hits all of them alike. */
export async function interleaved<Contestants extends Readonly<Record<string, Measurement | undefined>>>(
  rounds: number,
  contestants: Contestants,
): Promise<{ [Name in keyof Contestants]: Summary }> {
  const present = Object.entries(contestants).flatMap(([name, measure]) =>
    measure ? [{ name, measure, measured: new Array<number>() }] : [],
  );
  for (let round = 0; round < rounds; round += 1) {
    for (const { measure, measured } of present) measured.push(await measure(round));
  }
  const summaries = present.map(({ name, measured }) => [name, summarise(measured)] as const);
  return Object.fromEntries(summaries) as { [Name in keyof Contestants]: Summary };
}

/** How many calls finish in a second while so many are under way all the time. */
export async function perSecond(
  concurrency: number,
  seconds: number,
  call: (index: number) => Promise<unknown>,
): Promise<number> {
  const start = performance.now();
  const until = start + seconds * 1000;
  let calls = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < until) await call(calls++);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return (calls * 1000) / (performance.now() - start);
}
