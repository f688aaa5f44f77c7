import { decodeCursor, encodeCursor } from './cursor.js';

const at = new Date('2026-01-02T03:04:05.678Z');
const id = '01890a5d-ac96-774b-bcce-b302099a8057';
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('cursors', () => {
  it('come back as they were, in characters that a URL takes', () => {
    const cursor = encodeCursor({ at, id });
    expect(cursor).toMatch(/^[\w-]+$/);
    expect(decodeCursor(cursor)).toEqual({ at, id });
  });

  it('hold ids of clients where the list is ordered by them', () => {
    const cursor = encodeCursor({ at, id: 'chat ☃' });
    expect(decodeCursor(cursor, 'external')).toEqual({ at, id: 'chat ☃' });
    expect(() => decodeCursor(cursor)).toThrow('cursor must be');
  });

  it('may be absent', () => {
    expect(decodeCursor(undefined)).toBeNull();
  });

  it.each([
    ['nothing', ''],
    ['no base64url', '*'],
    ['no JSON', Buffer.from('x').toString('base64url')],
    ['no pair', encoded([1])],
    ['a time that is no number', encoded(['now', id])],
    ['a time that Postgres cannot hold', encoded([9e15, id])],
    ['a fraction', encoded([1.5, id])],
    ['an id that is no UUID', encoded([1, "' OR 1=1"])],
    ['an id that is no text', encoded([1, { id }])],
    ['too much', 'A'.repeat(3000)],
  ])('are refused with 400 when they hold %s', (_what, text) => {
    expect(() => decodeCursor(text)).toThrow(
      expect.objectContaining({ kind: 'invalid', code: 'invalid_cursor' }),
    );
  });
});
