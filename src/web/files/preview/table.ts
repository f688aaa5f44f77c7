/** The first rows of a table. */
export interface Table {
  /** Of the sheet; empty for a file that is one table. */
  name: string;
  /** The first row is taken for the names of the columns. */
  header: readonly string[];
  rows: readonly (readonly string[])[];
  /** All rows without the header, also those that are not here. */
  rowCount: number;
  /** There may be more rows than `rowCount`: the file was not read to its end. */
  isPart: boolean;
}

export const shownRows = 200;
const shownColumns = 100;

export function tableOf(name: string, rows: readonly (readonly string[])[], isPart = false): Table {
  const cut = rows.slice(0, shownRows + 1).map((row) => row.slice(0, shownColumns));
  const [header = [], ...rest] = cut;
  return { name, header, rows: rest, rowCount: Math.max(0, rows.length - 1), isPart };
}
