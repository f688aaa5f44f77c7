import { fileFormat } from './file-format.js';

describe('the format of a file', () => {
  test.each([
    ['report.xlsx', 'Excel', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    ['old.XLS', 'Excel', 'application/vnd.ms-excel'],
    ['out.csv', 'CSV', 'text/csv'],
    ['summary.pdf', 'PDF', 'application/pdf'],
    ['letter.docx', 'Word', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    ['talk.pptx', 'PowerPoint', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
    ['plot-1.png', 'Image', 'image/png'],
    ['photo.JPeG', 'Image', 'image/jpeg'],
    ['drawing.svg', 'Image', 'image/svg+xml'],
    ['notes.txt', 'Text', 'text/plain'],
    ['README.md', 'Markdown', 'text/markdown'],
    ['rows.json', 'JSON', 'application/json'],
    ['rows.jsonl', 'JSON', 'application/jsonl'],
    ['page.html', 'HTML', 'text/html'],
    ['all.tar.gz', 'Archive', 'application/gzip'],
    ['code.py', 'Python', 'text/x-python'],
    ['code.ts', 'TS', 'text/x-typescript'],
    ['table.parquet', 'PARQUET', 'application/vnd.apache.parquet'],
    ['model.pkl', 'PKL', 'application/octet-stream'],
    ['sound.mp3', 'Audio', 'audio/mpeg'],
    ['clip.mp4', 'Video', 'video/mp4'],
  ])('of %s is %s, %s', (name, format, mimeType) => {
    expect(fileFormat(name)).toEqual({ format, mimeType });
  });

  test.each([
    '',
    'pdf',
    '.csv',
    'Makefile',
    'name.',
    'a.\u202etxt',
    'x.constructor\0',
    'x.__proto__',
    'x.a b',
  ])('of %j is unknown', (name) => {
    expect(fileFormat(name)).toEqual({ format: 'File', mimeType: 'application/octet-stream' });
  });

  test('survives the names of properties', () => {
    expect(fileFormat('x.constructor').mimeType).toBe('application/octet-stream');
    expect(fileFormat('x.toString').format).toBe('TOSTRING');
  });
});
