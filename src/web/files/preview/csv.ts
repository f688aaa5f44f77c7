import Papa from 'papaparse';
import { shownRows, tableOf, type Table } from './table.ts';

/** The start of a CSV text, and how many rows it has. The delimiter is found by the parser. */
export function readCsv(text: string, isWhole: boolean): Table {
  const rows: string[][] = [];
  let count = 0;
  Papa.parse<string[]>(text, {
    skipEmptyLines: true,
    step: ({ data }) => {
      count += 1;
      if (rows.length <= shownRows) rows.push(data);
    },
  });
  // The last row of a part may be cut.
  return { ...tableOf('', rows, !isWhole), rowCount: Math.max(0, count - (isWhole ? 1 : 2)) };
}
