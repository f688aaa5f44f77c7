import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { Bench, type Benchmark } from './bench.js';
import { lines, table, worse } from './report.js';
import type { Goal, Row } from './row.js';
import { BENCHMARKS } from './rows/index.js';
import { FULL, QUICK } from './scale.js';
import { warnOfMissingTools } from './tools.js';

/**
 * Names select the benchmarks whose names begin with them. `--quick`: less of everything, and an error where a ratio is
 * worse than its bound. `--json`: where to keep the result.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
});

const selected = select(positionals);
warnOfMissingTools();
const { rows, failures } = await measureAll(selected);
report(rows);
if (values.quick) failures.push(...worse(rows, boundsOf(selected)));
for (const failure of failures) process.stderr.write(`${failure}\n`);
if (failures.length > 0) process.exitCode = 1;
if (values.quick) process.stdout.write(`${summary()}\n`);

/** Failures begin with the id of what failed, and ids with the name of their benchmark. */
function summary(): string {
  const failed = selected.filter(({ name }) => failures.some((failure) => failure.startsWith(name))).length;
  return `${selected.length - failed} passed, ${failures.length} failed`;
}

function select(names: readonly string[]): Benchmark[] {
  const wanted = BENCHMARKS.filter(
    ({ name, fullOnly }) =>
      !(values.quick && fullOnly === true) &&
      (names.length === 0 || names.some((begin) => name.startsWith(begin))),
  );
  if (wanted.length > 0) return wanted;
  const all = BENCHMARKS.map(({ name }) => name).join(', ');
  throw new Error(`No benchmark is called ${names.join(' or ')}; there are: ${all}.`);
}

/** One that fails is told, and does not take the others along. */
async function measureAll(benchmarks: readonly Benchmark[]): Promise<{ rows: Row[]; failures: string[] }> {
  const bench = new Bench(values.quick ? QUICK : FULL);
  endOnSignal(bench);
  const rows: Row[] = [];
  const failures: string[] = [];
  try {
    for (const { name, measure } of benchmarks) {
      const began = performance.now();
      try {
        const measured = await measure(bench);
        rows.push(...measured);
        process.stderr.write(`${lines(measured).join('\n')}\n`);
      } catch (error) {
        failures.push(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      }
      process.stderr.write(`  ${name}: ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
    }
  } finally {
    await bench.end();
  }
  return { rows, failures };
}

/** Servers in sessions of their own would outlive us. */
function endOnSignal(bench: Bench): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void bench.end().finally(() => process.exit(1)));
  }
}

function report(measured: readonly Row[]): void {
  const memory_gib = Math.round(totalmem() / 1024 ** 3);
  const machine = { cpus: cpus().length, memory_gib, node: process.version };
  const result = { at: new Date().toISOString(), quick: values.quick, machine, rows: measured };
  const json = JSON.stringify(result, null, 2);
  process.stdout.write(`${table(measured)}\n\n`);
  if (values.json === undefined) process.stdout.write(`${json}\n`);
  else writeFileSync(values.json, `${json}\n`);
}

/** The recorded bounds of these benchmarks; without a selection of all, so that none is left out unnoticed. */
function boundsOf(benchmarks: readonly Benchmark[]): Record<string, Goal> {
  const text = readFileSync(new URL('bounds.json', import.meta.url), 'utf8');
  const bounds = JSON.parse(text) as Record<string, Goal>;
  if (positionals.length === 0) return bounds;
  return Object.fromEntries(
    Object.entries(bounds).filter(([id]) => benchmarks.some(({ name }) => id.startsWith(name))),
  );
}
