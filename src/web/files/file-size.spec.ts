import { sizeText } from './file-size.ts';

describe('the size of a file', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KB'],
    [5012, '4.9 KB'],
    [150 * 1024, '150 KB'],
    [1024 ** 2 - 1, '1.0 MB'],
    [3.5 * 1024 ** 3, '3.5 GB'],
  ])('of %d bytes is %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});
