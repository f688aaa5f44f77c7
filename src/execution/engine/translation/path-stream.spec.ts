import { PathTranslation } from './path-translation.js';

const REAL = '/srv/shared/0123456789abcdef0123456789abcdef';
const paths = new PathTranslation({ mount: '/mnt/data', directory: REAL });

function streamed(...pieces: string[]): string {
  const stream = paths.stream();
  return pieces.map((piece) => stream.push(piece)).join('') + stream.end();
}

describe('a text in pieces', () => {
  const traceback = [
    'Traceback (most recent call last):',
    `  File "${REAL}/script.py", line 1, in <module>`,
    `    open('${REAL}/x') + open('${REAL}/y', 1) + 1`,
    `    ~~~~~~${'~'.repeat(REAL.length)}~~~~^~~~~~~~~${'~'.repeat(REAL.length)}~~~~~~~`,
    `ValueError: ${encodeURIComponent(REAL)} \\/srv\\/shar`,
  ].join('\n');
  const expected = [
    'Traceback (most recent call last):',
    '  File "/mnt/data/script.py", line 1, in <module>',
    `    open('/mnt/data/x') + open('/mnt/data/y', 1) + 1`,
    '    ~~~~~~~~~~~~~~~~~~~^~~~~~~~~~~~~~~~~~~~~~~~~',
    'ValueError: %2Fmnt%2Fdata \\/srv\\/shar',
  ].join('\n');

  it('is the same wherever it is cut', () => {
    expect(streamed(traceback)).toBe(expected);
    for (let at = 0; at <= traceback.length; at += 1) {
      expect(streamed(traceback.slice(0, at), traceback.slice(at))).toBe(expected);
    }
    expect(streamed(...traceback)).toBe(expected);
  });

  it('goes out at once, apart from what may be the start of a path', () => {
    const stream = paths.stream();
    expect(stream.push('50 %')).toBe('50 ');
    expect(stream.push(' done, see /srv/sh')).toBe('% done, see ');
    expect(stream.push('ops\n')).toBe('/srv/shops\n');
    expect(stream.push(REAL)).toBe('/mnt/data');
    expect(stream.push('/x\n')).toBe('/x\n');
    expect(stream.end()).toBe('');
  });

  it('holds back no more than the start of a path, however it comes', () => {
    const stream = paths.stream();
    let out = '';
    for (let i = 0; i < 50_000; i += 1) out += stream.push('/srv');
    expect(out.length).toBeGreaterThan(50_000 * 4 - REAL.length * 6);
  });
});

describe('markers below a line that became shorter', () => {
  it('move along, colours or not', () => {
    const line = `\x1b[31m    open('${REAL}/x' 1)\x1b[39m\n`;
    const markers = `\x1b[37m         ${' '.repeat(REAL.length)}   \x1b[39m\x1b[31m^\x1b[39m\n`;
    expect(streamed(line, markers)).toBe(
      "\x1b[31m    open('/mnt/data/x' 1)\x1b[39m\n" +
        `\x1b[37m         ${' '.repeat('/mnt/data'.length)}   \x1b[39m\x1b[31m^\x1b[39m\n`,
    );
  });

  it('are nothing else than markers of a traceback, directly below it', () => {
    const blanks = ' '.repeat(60);
    const title = '~'.repeat(60);
    for (const below of [blanks, title, `${blanks}x^`, `\n${blanks}^`, `${blanks}${'^'.repeat(5000)}`]) {
      expect(streamed(`${REAL}\n${below}\n`)).toBe(`/mnt/data\n${below}\n`);
    }
  });

  it('stay where the line above has no path', () => {
    const text = `${REAL}\n    f(x)\n${' '.repeat(60)}^\n`;
    expect(streamed(text)).toBe(`/mnt/data\n    f(x)\n${' '.repeat(60)}^\n`);
  });
});
