import { DomainError } from '../errors/index.js';

/** No body of this API comes near: what does would only keep validation busy, for every caller. */
const MOST_DEPTH = 16;
const MOST_FIELDS = 64;
const MOST_ENTRIES = 1_000;

/**
 * Refuses JSON that is deep or wide before anything walks it: validation and transformation are recursive, and
 * take time that grows with the square of the fields.
 *
 * @throws DomainError `body_too_complex`
 */
export function assertBounded(body: unknown): void {
  let level: unknown[] = [body];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MOST_DEPTH) throw tooComplex(`it is nested more than ${String(MOST_DEPTH)} levels deep`);
    level = level.flatMap((value) => childrenOf(value));
    if (level.length > MOST_ENTRIES)
      throw tooComplex(`it has more than ${String(MOST_ENTRIES)} entries in all`);
  }
}

function childrenOf(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const children = Object.values(value) as unknown[];
  const most = Array.isArray(value) ? MOST_ENTRIES : MOST_FIELDS;
  if (children.length > most) throw tooComplex(`a part of it has more than ${String(most)} entries`);
  return children;
}

function tooComplex(how: string): DomainError {
  return new DomainError('invalid', 'body_too_complex', `The body is not one that this API takes: ${how}.`);
}
