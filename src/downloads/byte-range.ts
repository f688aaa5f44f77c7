import type { ByteRange } from '../storage/index.js';

/** `whole`: there is no range, or one to be ignored. */
export type RequestedRange = ByteRange | 'whole' | 'not_satisfiable';

const SINGLE_RANGE = /^bytes=[ \t]*(?:(\d+)-(\d*)|-(\d+))[ \t]*$/i;

/**
 * What a `Range` header asks of content of this size, by RFC 9110 section 14: a suffix longer than the
 * content means all of it, a range that ends before it begins is invalid and ignored. Several ranges at once
 * are ignored too, as the RFC allows: nobody who downloads needs them, and they are a known way to make a
 * server work for nothing. Of empty content every range is ignored: a client that resumes has all of it.
 */
export function requestedRange(header: string | undefined, size: number): RequestedRange {
  const match = SINGLE_RANGE.exec(header ?? '');
  if (match === null || size === 0) return 'whole';
  if (match[3] !== undefined) return fromStart(Math.max(0, size - Number(match[3])), size - 1, size);
  const first = Number(match[1]);
  const last = match[2] === '' ? Infinity : Number(match[2]);
  return last < first ? 'whole' : fromStart(first, Math.min(last, size - 1), size);
}

function fromStart(start: number, end: number, size: number): RequestedRange {
  return start < size ? { start, end } : 'not_satisfiable';
}
