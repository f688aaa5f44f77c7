import { jsonSize } from './json-size.js';

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i += 1) value = [value];
  return value;
}

describe('jsonSize', () => {
  it.each([['text'], [12.5], [null], [true], [[1, 'a', [2]]], [{ key: 'ä', other: { a: [] } }]])(
    'of %j is close to the length of its JSON',
    (value) => {
      const exact = Buffer.byteLength(JSON.stringify(value));
      expect(Math.abs(jsonSize(value, 1000) - exact)).toBeLessThanOrEqual(6);
    },
  );

  it('is infinite past the limit', () => {
    expect(jsonSize('x'.repeat(100), 50)).toBe(Infinity);
    expect(jsonSize(Array(100).fill(1), 50)).toBe(Infinity);
  });

  it('is infinite for what is nested too deeply to be written again', () => {
    expect(jsonSize(nested(50), 1000)).toBeLessThan(200);
    expect(jsonSize(nested(100_000), 1e9)).toBe(Infinity);
  });
});
