import type { Goal, Home, Measure, Row } from './row.js';

/** The rows as a Markdown table. */
export function table(rows: readonly Row[]): string {
  const header = [
    '| what | on PGlite | on Postgres | compared with | ratio (goal) | memory |',
    '| --- | --- | --- | --- | --- | --- |',
  ];
  return [...header, ...lines(rows)].join('\n');
}

export function lines(rows: readonly Row[]): string[] {
  const cells = rows.map((row) => [
    row.what,
    measure(row.unit, row.ours.pglite),
    measure(row.unit, row.ours.postgres),
    row.other ? `${row.other.name}: ${measure(row.unit, row.other)}` : '–',
    ratioOf(row),
    memoryOf(row),
  ]);
  return cells.map((line) => `| ${line.join(' | ')} |`);
}

/** A ratio that is worse than its bound, for each a sentence. `bounds` are ratios by id; both homes must keep them. */
export function worse(rows: readonly Row[], bounds: Readonly<Record<string, Goal>>): string[] {
  return Object.entries(bounds).flatMap(([id, bound]) => {
    const ratios = Object.entries(rows.find((row) => row.id === id)?.ratio?.by ?? {});
    if (ratios.length === 0) return [`${id} has a bound but was not measured.`];
    return ratios.flatMap(([home, ratio]) => worseThan(bound, ratio).map((how) => `${id} (${home}): ${how}`));
  });
}

function worseThan(bound: Goal, ratio: number): string[] {
  const isMost = 'most' in bound;
  const limit = isMost ? bound.most : bound.least;
  if (isMost ? ratio <= limit : ratio >= limit) return [];
  return [`the ratio is ${number(ratio)}, ${isMost ? 'above' : 'below'} its bound ${limit}.`];
}

function measure(unit: Row['unit'], measured: Measure | undefined): string {
  if (!measured) return '–';
  const { value, p95 } = measured;
  return p95 === undefined ? `${number(value)} ${unit}` : `${number(value)} / ${number(p95)} ${unit}`;
}

function ratioOf({ ratio }: Row): string {
  if (!ratio) return '–';
  const homes: Home[] = ['pglite', 'postgres'];
  const values = homes.flatMap((home) => ratio.by[home] ?? []).map(number);
  const goal = ratio.goal && ('most' in ratio.goal ? `≤ ${ratio.goal.most}` : `≥ ${ratio.goal.least}`);
  return goal === undefined ? values.join(', ') : `${values.join(', ')} (${goal})`;
}

function memoryOf({ memory }: Row): string {
  if (!memory) return '–';
  const { ours, other } = memory;
  return other === undefined ? `+${number(ours)} MB` : `+${number(ours)} MB (${number(other)})`;
}

function number(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
