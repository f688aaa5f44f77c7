import { validate as isUuid } from 'uuid';
import { DomainError } from '../errors/index.js';
import { isExternalId } from './external-id.js';

/** The last entry of a page: the next one starts behind it, newest first. */
export interface Cursor {
  /** When that entry was created (or last used, as the list is ordered). */
  at: Date;
  /** Its id, which orders entries of the same instant. */
  id: string;
}

export type CursorIdKind = 'uuid' | 'external';

const longestCursor = 2048;

/** A cursor as clients see it: opaque, safe in a URL. Times are in milliseconds, as JavaScript wrote them. */
export function encodeCursor({ at, id }: Cursor): string {
  return Buffer.from(JSON.stringify([at.getTime(), id])).toString('base64url');
}

/**
 * Reads what {@link encodeCursor} wrote; null when a request has no cursor. Anything else is a 400: it never
 * reaches a query.
 */
export function decodeCursor(text: string | undefined, ids: CursorIdKind = 'uuid'): Cursor | null {
  if (text === undefined) return null;
  const cursor = parse(text, ids);
  if (cursor !== null) return cursor;
  const message = 'cursor must be a next_cursor of the same list; leave it out to start at the top.';
  throw new DomainError('invalid', 'invalid_cursor', message, {
    details: { errors: [{ field: 'cursor', message }] },
  });
}

function parse(text: string, ids: CursorIdKind): Cursor | null {
  if (text.length > longestCursor || !/^[\w-]+$/.test(text)) return null;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return null;
  }
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [time, id] = value as [unknown, unknown];
  if (!Number.isSafeInteger(time) || !isStorableTime(time as number)) return null;
  const known = ids === 'uuid' ? isUuid(id) : isExternalId(id);
  return known ? { at: new Date(time as number), id: id as string } : null;
}

/** Between the years 1 and 9999: what Date, ISO 8601 and Postgres agree on. */
function isStorableTime(milliseconds: number): boolean {
  return milliseconds >= -62_135_596_800_000 && milliseconds <= 253_402_300_799_999;
}
