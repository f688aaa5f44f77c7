import { assertBounded } from './body-bounds.js';

describe('assertBounded', () => {
  it('takes what clients send', () => {
    for (const body of [undefined, null, 1, {}, { code: 'x', file_ids: Array.from({ length: 200 }, String) }])
      expect(() => assertBounded(body)).not.toThrow();
  });

  it('refuses many fields, many entries and deep nesting, at once', () => {
    const wide = Object.fromEntries(Array.from({ length: 300_000 }, (_, index) => [`k${String(index)}`, 1]));
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;
    const long = { file_ids: Array.from({ length: 1_000_000 }, () => ({})) };
    for (const body of [wide, deep, { x: deep }, long]) {
      expect(() => assertBounded(body)).toThrow(expect.objectContaining({ code: 'body_too_complex' }));
    }
  });
});
