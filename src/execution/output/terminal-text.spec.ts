import { TerminalText } from './terminal-text.js';

function shown(...chunks: string[]): string {
  const text = new TerminalText(1 << 20);
  for (const chunk of chunks) text.append(chunk);
  return text.soFar().toString();
}

describe('TerminalText', () => {
  it('joins chunks', () => {
    expect(shown('a', 'b\nc', '\n', 'd')).toBe('ab\nc\nd');
  });

  it('shows the last state of a progress bar', () => {
    const steps = Array.from({ length: 101 }, (_, i) => `\r${String(i).padStart(3)}%|${'█'.repeat(i / 10)}`);
    expect(shown('start\n', ...steps, '\nend\n')).toBe(`start\n100%|${'█'.repeat(10)}\nend\n`);
    expect(shown(steps.join(''))).toBe(`100%|${'█'.repeat(10)}`);
  });

  it.each([
    ['keeps what is not written over', ['abcdef\rXY'], 'XYcdef'],
    ['takes \\r\\n for a line end', ['a\r\nb\r', '\nc'], 'a\nb\nc'],
    ['keeps a line after a last \\r', ['done\r'], 'done'],
    ['goes back one cell per backspace', ['abc\b\bX'], 'aXc'],
    ['goes back no further than the line', ['a\n\b\bb'], 'a\nb'],
    ['erases the rest of the line', ['abcdef\rXY\x1b[K'], 'XY'],
    ['erases the line', ['abcdef\r\x1b[2Kok'], 'ok'],
    ['erases the start of the line', ['abc\b\x1b[1Kd'], '  d'],
    ['keeps colours', ['\x1b[31mred\x1b[0m plain'], '\x1b[31mred\x1b[0m plain'],
    ['keeps colours of what is written over', ['10%\r\x1b[32m20%\x1b[0m'], '\x1b[32m20%\x1b[0m'],
    ['counts no cell for a colour', ['\x1b[31mabc\x1b[0m\rXYZW'], '\x1b[0mXYZW'],
    ['joins a control sequence that chunks cut', ['abc\r\x1b', '[', '2', 'Kx'], 'x'],
    ['shows a control sequence without an end', ['abc\x1b[3'], 'abc\x1b[3'],
    ['counts characters, not code units', ['😀😀\r😃'], '😃😀'],
    ['keeps NUL and lone surrogates', ['a\0\ud800\rb'], 'b\0\ud800'],
  ])('%s', (_, chunks, expected) => {
    expect(shown(...chunks)).toBe(expected);
  });

  it('can be read while a line is under way', () => {
    const text = new TerminalText(100);
    text.append('50%');
    expect(text.soFar().toString()).toBe('50%');
    text.append('\r60%');
    expect(text.soFar().toString()).toBe('60%');
  });

  it('stays fast and small under a million redraws and an endless line', () => {
    const text = new TerminalText(1000);
    for (let i = 0; i < 200_000; i += 1) text.append(`\r${String(i)}`);
    expect(text.soFar().toString()).toBe('199999');
    for (let i = 0; i < 10_000; i += 1) text.append('x'.repeat(1000));
    expect(text.soFar().truncated).toBe(true);
    for (let i = 0; i < 1000; i += 1) text.append('\r\x1b[31m'.repeat(100));
    expect(Buffer.byteLength(text.soFar().toString())).toBeLessThan(1100);
  });
});
