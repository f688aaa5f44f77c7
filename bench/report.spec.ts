import { table, worse } from './report.js';
import type { Row } from './row.js';

const fast: Row = {
  ...{ id: 'fast', what: 'something', unit: 'ms', ours: 2, oursP95: 3 },
  other: { name: 'another', value: 1, p95: 1.5 },
  ratio: { value: 2, goal: { most: 3 } },
};
const many: Row = {
  ...{ id: 'many', what: 'calls', unit: 'runs/s', ours: 123.4 },
  ratio: { value: 20, goal: { least: 15 } },
};

describe('report', () => {
  it('is a table', () => {
    expect(table([fast, many]).split('\n').slice(2)).toEqual([
      '| something | 2.00 / 3.00 ms | 1.00 / 1.50 ms (another) | 2.00 (≤ 3) |',
      '| calls | 123 runs/s | – | 20.0 (≥ 15) |',
    ]);
  });

  it('names what is worse than its bound, in the direction of its goal', () => {
    expect(worse([fast, many], { fast: 2.5, many: 10 })).toEqual([]);
    expect(worse([fast, many], { fast: 1.9, many: 25 })).toEqual([
      'fast: the ratio is 2.00, above its bound 1.9.',
      'many: the ratio is 20.0, below its bound 25.',
    ]);
    expect(worse([], { fast: 1 })).toHaveLength(1);
  });
});
