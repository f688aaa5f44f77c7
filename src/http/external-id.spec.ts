import { isExternalId } from './external-id.js';

describe('ids of clients', () => {
  it.each(['a', 'msg 1', 'a/b?c#d', '...', '日本語', '😀'.repeat(255)])('may be %j', (id) => {
    expect(isExternalId(id)).toBe(true);
  });

  it.each([
    ['empty', ''],
    ['a dot', '.'],
    ['two dots', '..'],
    ['too long', 'x'.repeat(256)],
    ['with NUL', 'a\0'],
    ['with a line feed', 'a\n'],
    ['with a line separator', 'a\u2028'],
    ['with a direction mark', 'a\u202Eb'],
    ['with half of a pair', 'a\uD800'],
    ['a number', 7],
    ['null', null],
  ])('may not be %s', (_what, id) => {
    expect(isExternalId(id)).toBe(false);
  });
});
