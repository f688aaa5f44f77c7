import { BadValue } from './bad-value.js';
import type { Kind } from './kind.js';

export interface Bounds {
  min: number;
  /** Absent: no upper bound. */
  max?: number;
}

const KIB = 1024;
const KB = 1000;
const SUFFIXES: Readonly<Record<string, number>> = {
  B: 1,
  KB,
  MB: KB ** 2,
  GB: KB ** 3,
  TB: KB ** 4,
  KiB: KIB,
  MiB: KIB ** 2,
  GiB: KIB ** 3,
  TiB: KIB ** 4,
};
const DECIMAL = /^\d+(?:\.\d+)?$/;

/** A whole number within the bounds. */
export function integer(unit: string | null, bounds: Bounds): Kind<number> {
  return {
    expects: `a whole number ${spell(bounds)}`,
    unit,
    secret: false,
    parse: (raw) => {
      if (!/^\d+$/.test(raw)) throw new BadValue('is not a whole number');
      return bounded(Number(raw), bounds);
    },
  };
}

/** Seconds as a number; fractions are allowed. */
export function seconds(bounds: Bounds): Kind<number> {
  return decimal('seconds', bounds);
}

/** Days as a number; fractions are allowed (0.00005 days are about 4 seconds). */
export function days(): Kind<number> {
  return {
    ...decimal('days', { min: 0 }),
    expects: 'a number of days above 0',
    parse: (raw) => {
      const value = readDecimal(raw);
      if (value === 0) throw new BadValue('is not above 0');
      return value;
    },
  };
}

/** A size as a whole number of bytes: `536870912`, or with a suffix as in `512MiB`, `1.5GiB`, `500MB`. */
export function bytes(bounds: Pick<Bounds, 'min'>): Kind<number> {
  return {
    expects: `a size${bounds.min > 1 ? ` of at least ${sizeText(bounds.min)}` : ''}, plain or like 512MiB`,
    unit: 'bytes',
    secret: false,
    parse: (raw) => bounded(readBytes(raw), bounds),
  };
}

function decimal(unit: string, bounds: Bounds): Kind<number> {
  return {
    expects: `a number of ${unit} ${spell(bounds)}`,
    unit,
    secret: false,
    parse: (raw) => bounded(readDecimal(raw), bounds),
  };
}

function readDecimal(raw: string): number {
  if (!DECIMAL.test(raw)) throw new BadValue('is not a number');
  return Number(raw);
}

function readBytes(raw: string): number {
  const parts = /^(\d+(?:\.\d+)?) ?([A-Za-z]*)$/.exec(raw);
  if (!parts) throw new BadValue('is not a size');
  const [, amount = '', suffix = ''] = parts;
  const factor = SUFFIXES[suffix === '' ? 'B' : suffix];
  if (factor === undefined) throw new BadValue(`ends in ${JSON.stringify(suffix)}, which is no unit of size`);
  const size = Number(amount) * factor;
  if (factor === 1 && !Number.isInteger(size)) throw new BadValue('is not a whole number of bytes');
  return Math.floor(size);
}

function bounded(value: number, { min, max }: Bounds): number {
  if (!Number.isFinite(value)) throw new BadValue('is too large to be a number');
  if (value < min) throw new BadValue(`is below ${String(min)}`);
  if (max !== undefined && value > max) throw new BadValue(`is above ${String(max)}`);
  return value;
}

function sizeText(size: number): string {
  return size % KIB ** 2 === 0 ? `${String(size / KIB ** 2)}MiB` : String(size);
}

function spell({ min, max }: Bounds): string {
  return max === undefined ? `of at least ${String(min)}` : `from ${String(min)} to ${String(max)}`;
}
