/** What a number of measurements of one thing say, in their own unit. */
export interface Summary {
  median: number;
  p95: number;
  count: number;
}

/** @throws RangeError when nothing was measured */
export function summarise(values: readonly number[]): Summary {
  return { median: quantile(values, 0.5), p95: quantile(values, 0.95), count: values.length };
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

/** Measures the contestants in turn, so that what else the machine does hits all of them alike. */
export async function interleaved<Name extends string>(
  rounds: number,
  contestants: Readonly<Record<Name, (round: number) => Promise<number>>>,
): Promise<Record<Name, Summary>> {
  const names = Object.keys(contestants) as Name[];
  const measured = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) measured.get(name)?.push(await contestants[name](round));
  }
  return Object.fromEntries(names.map((name) => [name, summarise(measured.get(name) ?? [])])) as Record<
    Name,
    Summary
  >;
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
