/** The two homes of the database; each is a service of its own. */
export type Home = 'pglite' | 'postgres';

export interface Measure {
  value: number;
  p95?: number;
}

/** What design asks for. */
export type Goal = { most: number } | { least: number };

/** One line of the table: a measurement, beside what it is compared with. */
export interface Row {
  /** Stable: bounds name it. */
  id: string;
  what: string;
  unit: 'ms' | 'runs/s' | 'MB' | 'MB/s' | 'CPU ms';
  ours: Partial<Record<Home, Measure>>;
  other?: Measure & { name: string };
  ratio?: { by: Partial<Record<Home, number>>; goal?: Goal };
  /** By how many MB the processes grew at most meanwhile. */
  memory?: { ours: number; other?: number };
}

/** `ours/other`: how many times as much; `other/ours`: how many times as little. */
export type RatioKind = 'ours/other' | 'other/ours';

/** The row with the ratio of ours to what it is compared with, for each home. */
export function withRatio(row: Row, kind: RatioKind, goal?: Goal): Row {
  const { other } = row;
  if (!other) return row;
  const by = Object.fromEntries(
    Object.entries(row.ours).map(([home, { value }]) => [
      home,
      kind === 'ours/other' ? value / other.value : other.value / value,
    ]),
  );
  return { ...row, ratio: { by, ...(goal && { goal }) } };
}
