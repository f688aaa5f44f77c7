import { table, worse } from './report.js';
import { withRatio, type Row } from './row.js';

const fast = withRatio(
  {
    ...{ id: 'fast', what: 'something', unit: 'ms' },
    ours: { pglite: { value: 2, p95: 3 }, postgres: { value: 4 } },
    ...{ other: { name: 'another', value: 1, p95: 1.5 }, memory: { ours: 12.34 } },
  },
  'ours/other',
  { most: 3 },
);
const many = withRatio(
  {
    ...{ id: 'many', what: 'calls', unit: 'runs/s', ours: { postgres: { value: 5 } } },
    other: { name: 'another', value: 100 },
  },
  'other/ours',
);
const alone: Row = { id: 'alone', what: 'a size', unit: 'MB', ours: { pglite: { value: 123.4 } } };

describe('report', () => {
  it('is a table', () => {
    expect(table([fast, many, alone]).split('\n').slice(2)).toEqual([
      '| something | 2.00 / 3.00 ms | 4.00 ms | another: 1.00 / 1.50 ms | 2.00, 4.00 (≤ 3) | +12.3 MB |',
      '| calls | – | 5.00 runs/s | another: 100 runs/s | 20.0 | – |',
      '| a size | 123 MB | – | – | – | – |',
    ]);
  });

  it('names what is worse than its bound, on either database', () => {
    expect(worse([fast, many], { fast: { most: 4 }, many: { least: 20 } })).toEqual([]);
    expect(worse([fast, many], { fast: { most: 2.5 }, many: { least: 25 } })).toEqual([
      'fast (postgres): the ratio is 4.00, above its bound 2.5.',
      'many (postgres): the ratio is 20.0, below its bound 25.',
    ]);
  });

  it('lets no bound pass that was not measured', () => {
    expect(worse([alone], { fast: { most: 1 }, alone: { most: 1 } })).toEqual([
      'fast has a bound but was not measured.',
      'alone has a bound but was not measured.',
    ]);
  });
});
