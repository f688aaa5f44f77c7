import { iconOfFile, previewKindOf } from './file-kind.ts';

describe('the kind of a file', () => {
  it.each([
    ['report.XLSX', 'application/octet-stream', 'excel', 'table'],
    ['plot.svg', 'image/svg+xml', 'svg', 'image'],
    ['notes', 'text/plain', 'text', 'text'],
    ['train.py', 'text/x-python', 'text', 'code'],
    ['data.parquet', 'application/octet-stream', null, 'table'],
    ['constructor', 'application/octet-stream', null, 'file'],
    ['a.constructor', 'application/octet-stream', null, 'file'],
  ])('%s (%s): preview %s, icon %s', (name, mime_type, kind, icon) => {
    expect(previewKindOf({ name, mime_type })).toBe(kind);
    expect(iconOfFile({ name, mime_type })).toBe(icon);
  });
});
