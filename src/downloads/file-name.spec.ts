import { parse } from 'content-disposition';
import { validateHeaderValue } from 'node:http';
import { ArchiveNames } from './archive-names.js';
import { dispositionHeader, printableName } from './file-name.js';

const HOSTILE = [
  '',
  '.',
  '..',
  '...',
  '../../etc/passwd',
  '/etc/passwd',
  '..\\..\\boot.ini',
  'C:\\Windows\\system.ini',
  'c:evil.txt',
  'file.txt:stream',
  'a\r\nSet-Cookie: x=1',
  'a\0b',
  '\u0085next\u2028line',
  'quo"te\\back',
  'semi;colon=1, comma',
  '100%41.txt',
  "it's*(odd).txt",
  'invoice\u202exslx.exe',
  '\u2066hidden\u2069',
  '\ud800lone',
  'lone\udfff',
  '\ufffd\ufffd',
  'Übersicht 日本語 😀.csv',
  'e\u0301.txt',
  'CON',
  'nul.txt',
  'dots...',
  'space ',
  'x'.repeat(300),
  `${'é'.repeat(200)}.csv`,
  `${'😀'.repeat(100)}.tar.gz`,
  `.${'x'.repeat(300)}`,
  `a.${'b'.repeat(300)}`,
  '<script>alert(1)</script>.html',
  '__proto__',
];

const UNWANTED = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069\ufffd/\\]/u;

describe('a printable name', () => {
  test.each(HOSTILE)('of %j is one part that can be shown', (hostile) => {
    const name = printableName(hostile);
    expect(name).not.toMatch(UNWANTED);
    expect(['', '.', '..']).not.toContain(name);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
  });

  test('leaves ordinary names alone', () => {
    for (const name of [
      'report.xlsx',
      '.bashrc',
      'a b (2).csv',
      'Übersicht 日本語 👩‍🔬.csv',
      "it's 100%.txt",
    ]) {
      expect(printableName(name)).toBe(name);
    }
  });

  test('keeps the extension of a name that is too long', () => {
    expect(printableName(`${'é'.repeat(200)}.csv`)).toBe(`${'é'.repeat(125)}.csv`);
  });
});

describe('Content-Disposition', () => {
  test.each(HOSTILE)('of %j is one valid header that says the printable name', (hostile) => {
    const header = dispositionHeader('attachment', hostile);
    expect(() => validateHeaderValue('Content-Disposition', header)).not.toThrow();
    expect(parse(header)).toMatchObject({
      type: 'attachment',
      parameters: { filename: printableName(hostile) },
    });
  });

  test('quotes the name', () => {
    expect(dispositionHeader('attachment', 'report.xlsx')).toBe('attachment; filename="report.xlsx"');
  });

  test('has an RFC 8187 name and one of ASCII beside it', () => {
    expect(dispositionHeader('inline', 'Übersicht "1".csv')).toBe(
      `inline; filename="?bersicht \\"1\\".csv"; filename*=UTF-8''%C3%9Cbersicht%20%221%22.csv`,
    );
  });
});

describe('the names in an archive', () => {
  const named = (paths: readonly string[]): string[] => {
    const names = new ArchiveNames();
    return paths.map((path) => names.add(path));
  };

  test('are relative, printable and unique, whatever the paths are', () => {
    const paths = HOSTILE.flatMap((a) => [a, ...HOSTILE.map((b) => `${a}/${b}`)]);
    const names = named([...paths, ...paths]);
    expect(names).toHaveLength(paths.length * 2);
    expect(new Set(names.map((name) => name.normalize('NFC').toLowerCase())).size).toBe(names.length);
    const files = new Set(names);
    for (const name of names) {
      for (const part of name.split('/')) {
        expect(part).not.toMatch(UNWANTED);
        expect(part).not.toMatch(/^\.{0,2}$|[<>:"|?*]|[. ]$|^(con|nul)(\.|$)/i);
        expect(Buffer.byteLength(part)).toBeLessThanOrEqual(255);
      }
      for (let at = name.indexOf('/'); at > 0; at = name.indexOf('/', at + 1)) {
        expect(files).not.toContain(name.slice(0, at));
      }
    }
  });

  test('keep folders, and number what is there already', () => {
    expect(named(['a/x.csv', 'a/y.csv', 'a/X.csv', 'b/x.csv', 'a/x.csv'])).toEqual([
      'a/x.csv',
      'a/y.csv',
      'a/X (2).csv',
      'b/x.csv',
      'a/x (3).csv',
    ]);
  });

  test('give a folder another name where a file has it, always the same', () => {
    expect(named(['a', 'a/x', 'a/y', 'A'])).toEqual(['a', 'a (2)/x', 'a (2)/y', 'A (3)']);
    expect(named(['a/x', 'a'])).toEqual(['a/x', 'a (2)']);
  });

  test('take both forms of one name', () => {
    expect(named(['\u00e9.txt', 'e\u0301.txt'])).toEqual(['\u00e9.txt', 'e\u0301 (2).txt']);
  });

  test('are found quickly among thousands that look alike', () => {
    const names = named(Array.from({ length: 20_000 }, (_, i) => String.fromCharCode(i % 32)));
    expect(new Set(names).size).toBe(20_000);
    expect(names.at(-1)).toBe('_ (20000)');
  });
});
