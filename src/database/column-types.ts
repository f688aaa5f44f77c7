import type { ValueTransformer } from 'typeorm';

/** Postgres sends `bigint` as text; sizes and versions fit a double, so entities hold numbers. */
export const bigintAsNumber: ValueTransformer = {
  to: (value: number | null) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
};

/** For nanosecond stamps and inodes, which do not fit a double: entities hold decimal strings. */
export const bigintAsString: ValueTransformer = {
  to: (value: string | null) => value,
  from: (value: string | null) => value,
};
