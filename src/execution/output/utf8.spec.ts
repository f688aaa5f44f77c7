import { detached, endOf, startOf } from './utf8.js';

describe('startOf and endOf', () => {
  it.each([
    ['abc', 2, 'ab', 'bc'],
    ['abc', 9, 'abc', 'abc'],
    ['abc', 0, '', ''],
    ['äöü', 3, 'ä', 'ü'],
    ['€€', 5, '€', '€'],
    ['a😀', 4, 'a', '😀'],
    ['😀a', 4, '😀', 'a'],
    ['\ud800\udc00\ud800', 4, '\ud800\udc00', '\ud800'],
    ['\ud800b', 3, '\ud800', 'b'],
  ])('%j within %d bytes is %j and %j', (text, bytes, start, end) => {
    expect(startOf(text, bytes)).toBe(start);
    expect(endOf(text, bytes)).toBe(end);
  });
});

describe('detached', () => {
  it('changes nothing', () => {
    const text = 'a\0ä😀\ud800';
    expect(detached(text)).toBe(text);
  });
});
