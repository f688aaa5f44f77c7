import readExcelFile, { type CellValue } from 'read-excel-file/universal';
import { unpackedSize } from './zip-size.ts';
import { tableOf, type Table } from './table.ts';

const mostUnpacked = 256 * 1024 ** 2;

/** The sheets of an Excel workbook (`.xlsx`). @throws when it is none, or would unpack to more than 256 MiB */
export async function readExcel(bytes: Blob): Promise<Table[]> {
  const buffer = await bytes.arrayBuffer();
  if (unpackedSize(new DataView(buffer)) > mostUnpacked)
    throw new Error('The workbook is too large to preview.');
  const sheets = await readExcelFile(buffer);
  return sheets.map(({ sheet, data }) =>
    tableOf(
      sheet,
      data.map((row) => row.map(cellText)),
    ),
  );
}

function cellText(value: CellValue | null): string {
  if (value === null) return '';
  if (value instanceof Date)
    return value
      .toISOString()
      .replace('T', ' ')
      .replace(/( 00:00)?:?[0-9:]*\.000Z$/, '');
  return String(value);
}
