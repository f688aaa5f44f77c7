import { DomainError } from '../errors/index.js';
import { baseName, mountedPath, numberedPath, pathFromClient } from './file-path.js';

describe('pathFromClient', () => {
  it.each(['a.csv', 'data/a.csv', 'Ünïcode 日本.txt', '.hidden', 'a..b', 'x'.repeat(255)])(
    'takes %j',
    (name) => {
      expect(pathFromClient(name).toString()).toBe(name);
    },
  );

  it.each([
    '',
    '/etc/passwd',
    '..',
    '../a',
    'a/../b',
    'a//b',
    './a',
    'a/',
    'C:\\a',
    'a\0b',
    'a\nb',
    '\ud800',
    'x'.repeat(256),
    'a/'.repeat(2_000) + 'a',
  ])('refuses %j', (name) => {
    expect(() => pathFromClient(name)).toThrow(DomainError);
  });
});

describe('numberedPath', () => {
  const numbered = (path: string, number = 2): string => numberedPath(Buffer.from(path), number).toString();

  it('puts the number before the extension, in the same folder', () => {
    expect(numbered('report.csv')).toBe('report (2).csv');
    expect(numbered('a.b/report.tar.gz', 12)).toBe('a.b/report.tar (12).gz');
    expect(numbered('Makefile')).toBe('Makefile (2)');
    expect(numbered('.env')).toBe('.env (2)');
  });

  it('shortens a name that would get too long, at a whole character', () => {
    const name = baseName(numberedPath(Buffer.from(`d/${'é'.repeat(125)}.csv`), 2));
    expect(name.length).toBeLessThanOrEqual(255);
    expect(name.toString()).toMatch(/^é+ \(2\)\.csv$/);
  });
});

describe('mountedPath', () => {
  it('shows bytes that are no UTF-8 as replacement characters', () => {
    expect(mountedPath(Buffer.from([0x61, 0xff]))).toBe('/mnt/data/a\ufffd');
  });
});
