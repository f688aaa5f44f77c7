import type { Row } from './row.js';

/** The rows as a Markdown table. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map(({ what, unit, ours, oursP95, other, ratio }) => [
    what,
    measure(ours, unit, oursP95),
    other ? `${measure(other.value, unit, other.p95)} (${other.name})` : '–',
    ratio ? `${number(ratio.value)} (${goalOf(ratio.goal)})` : '–',
  ]);
  const header = [
    ['what', 'ours, median / p95', 'compared with', 'ratio (goal)'],
    ['---', '---', '---', '---'],
  ];
  return [...header, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** A ratio that is worse than its bound, for each a sentence. `bounds` are ratios by id. */
export function worse(rows: readonly Row[], bounds: Readonly<Record<string, number>>): string[] {
  return Object.entries(bounds).flatMap(([id, bound]) => {
    const ratio = rows.find((row) => row.id === id)?.ratio;
    if (!ratio) return [`${id} has a bound but was not measured.`];
    const isMost = 'most' in ratio.goal;
    if (isMost ? ratio.value <= bound : ratio.value >= bound) return [];
    return [`${id}: the ratio is ${number(ratio.value)}, ${isMost ? 'above' : 'below'} its bound ${bound}.`];
  });
}

function measure(value: number, unit: string, p95?: number): string {
  return p95 === undefined ? `${number(value)} ${unit}` : `${number(value)} / ${number(p95)} ${unit}`;
}

function goalOf(goal: { most: number } | { least: number }): string {
  return 'most' in goal ? `≤ ${goal.most}` : `≥ ${goal.least}`;
}

function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
