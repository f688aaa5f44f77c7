import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { table, worse } from './report.js';
import { FULL, QUICK, type Row } from './row.js';
import { fileRows } from './rows/files.js';
import { latencyRows } from './rows/latency.js';
import { costRows } from './rows/memory.js';
import { throughputRows } from './rows/throughput.js';
import { startSubjects } from './subjects.js';

/** `--quick`: less of everything, and an error where a ratio is worse than its bound. `--json`: where to keep it. */
const { values } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } });
const scale = values.quick === true ? QUICK : FULL;

const subjects = await startSubjects();
const rows: Row[] = [];
try {
  for (const part of [costRows, latencyRows, throughputRows, fileRows])
    rows.push(...(await part(subjects, scale)));
} finally {
  await subjects.end();
}

const machine = {
  cpus: cpus().length,
  memory_gib: Math.round(totalmem() / 1024 ** 3),
  node: process.version,
};
const json = JSON.stringify(
  { at: new Date().toISOString(), quick: values.quick === true, machine, rows },
  null,
  2,
);
process.stdout.write(`${table(rows)}\n\n`);
if (values.json === undefined) process.stdout.write(`${json}\n`);
else writeFileSync(values.json, `${json}\n`);

if (values.quick === true) {
  const bounds = JSON.parse(readFileSync(new URL('bounds.json', import.meta.url), 'utf8')) as Record<
    string,
    number
  >;
  const problems = worse(rows, bounds);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}
