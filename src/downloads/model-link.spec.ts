import { pathsOfLink } from './model-link.js';

const paths = (link: string): string[] => pathsOfLink(link).map((path) => path.toString('utf8'));

describe('the paths that a link of a model can mean', () => {
  test.each([
    'sandbox:/mnt/data/a/report.xlsx',
    'SANDBOX:/mnt/data/a/report.xlsx',
    'sandbox:///mnt/data/a/report.xlsx',
    'sandbox://mnt/data/a/report.xlsx',
    'sandbox:mnt/data/a/report.xlsx',
    'sandbox:/a/report.xlsx',
    'sandbox:a/report.xlsx',
    'sandbox%3A%2Fmnt%2Fdata%2Fa%2Freport.xlsx',
    'file:///mnt/data/a/report.xlsx',
    '/mnt/data/a/report.xlsx',
    '/mnt/data//a/./b/../report.xlsx',
    'a/report.xlsx',
    './a/report.xlsx',
  ])('%s', (link) => {
    expect(paths(link).at(-1)).toBe('a/report.xlsx');
  });

  test('come as written first, then percent-decoded', () => {
    expect(paths('/mnt/data/100%25.txt')).toEqual(['100%25.txt', '100%.txt']);
    expect(paths('my%20file%.csv')).toEqual(['my%20file%.csv', 'my file%.csv']);
    expect(paths('a+b.csv')).toEqual(['a+b.csv']);
  });

  test('come in both normal forms', () => {
    expect(paths('\u00e9.csv')).toEqual(['\u00e9.csv', 'e\u0301.csv']);
    expect(paths('e\u0301.csv')).toEqual(['e\u0301.csv', '\u00e9.csv']);
    expect(paths('%C3%A9.csv')).toEqual(['%C3%A9.csv', '\u00e9.csv', 'e\u0301.csv']);
  });

  test('can hold bytes that are no UTF-8', () => {
    expect(pathsOfLink('x%ff%41').map((path) => path.toString('latin1'))).toEqual(['x%ff%41', 'x\xffA']);
  });

  test.each([
    '',
    '/',
    '.',
    'sandbox:',
    'sandbox:/mnt/data',
    '/mnt/data/',
    '/etc/passwd',
    '/mnt/database/x',
    '/mnt/data/../x',
    '../x',
    'a/../../x',
    'a\0b',
    'x'.repeat(4097),
  ])('are none for %j', (link) => {
    expect(paths(link)).toEqual([]);
  });

  test('never lead out, percent-encoded or not', () => {
    expect(paths('%2e%2e/x')).toEqual(['%2e%2e/x']);
    expect(paths('a%2f..%2f..%2fx')).toEqual(['a%2f..%2f..%2fx']);
    expect(paths('x%00')).toEqual(['x%00']);
  });

  test('are few and relative for any noise', () => {
    const alphabet = [
      '/',
      '.',
      '..',
      '%',
      '%2f',
      '%2e',
      'mnt',
      'data',
      'sandbox:',
      'é',
      '\0',
      ' ',
      'x',
      '\ud800',
    ];
    let state = 1;
    const next = (): number => (state = (state * 48271) % 2147483647);
    for (let round = 0; round < 20_000; round += 1) {
      const link = Array.from({ length: next() % 12 }, () => alphabet[next() % alphabet.length]).join('');
      const found = pathsOfLink(link);
      expect(found.length).toBeLessThanOrEqual(6);
      for (const path of found) expect(path.toString('latin1')).not.toMatch(/^$|^\/|\0|(^|\/)\.{0,2}(\/|$)/);
    }
  });
});
