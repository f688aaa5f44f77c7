import { readCsv } from './csv.ts';

describe('a CSV preview', () => {
  it('reads quoted cells, also with line ends, and other delimiters', () => {
    expect(readCsv('a;b\n1;"x\ny; z"\n', true)).toEqual({
      name: '',
      header: ['a', 'b'],
      rows: [['1', 'x\ny; z']],
      rowCount: 1,
      isPart: false,
    });
  });

  it('shows the first rows and counts all', () => {
    const table = readCsv(`n,m\n${Array.from({ length: 5000 }, (_, n) => `${n},1`).join('\n')}`, true);
    expect(table.rows).toHaveLength(200);
    expect(table.rowCount).toBe(5000);
  });

  it('does not count a row that may be cut', () => {
    expect(readCsv('n,m\n1,2\n3', false)).toMatchObject({ rowCount: 1, isPart: true });
  });

  it('is empty for an empty file', () => {
    expect(readCsv('', true)).toMatchObject({ header: [], rows: [], rowCount: 0 });
  });
});
