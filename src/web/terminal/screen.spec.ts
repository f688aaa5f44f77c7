import { Screen } from './screen.ts';
import { plain } from './style.ts';

function screenOf(...chunks: string[]): Screen {
  const screen = new Screen();
  for (const chunk of chunks) screen.append(chunk);
  return screen;
}

function textOf(screen: Screen): string[] {
  return screen.lines.map(({ spans }) => spans.map(({ text }) => text).join(''));
}

describe('a screen', () => {
  it('shows lines, also the one under way', () => {
    expect(textOf(screenOf('one\ntw', 'o\nthree'))).toEqual(['one', 'two', 'three']);
  });

  it('draws a progress bar over itself', () => {
    expect(textOf(screenOf('10%\r', '100%\r\x1b[K', 'done\n'))).toEqual(['done']);
    expect(textOf(screenOf('abc\b\bX'))).toEqual(['aXc']);
  });

  it('colours text, and stops at a reset', () => {
    const [line] = screenOf('\x1b[1;31mred\x1b[0m plain').lines;
    expect(line?.spans).toEqual([
      { text: 'red', style: { ...plain, foreground: 'c1', bold: true } },
      { text: ' plain', style: plain },
    ]);
  });

  it.each([
    ['\x1b[38;5;196m', '#ff0000'],
    ['\x1b[38;5;244m', '#808080'],
    ['\x1b[38;2;1;2;255m', '#0102ff'],
    ['\x1b[94m', 'c12'],
  ])('knows the colour %j', (sequence, foreground) => {
    expect(screenOf(`${sequence}x`).lines[0]?.spans[0]?.style.foreground).toBe(foreground);
  });

  it('puts a sequence together that the stream cut in two', () => {
    const [line] = screenOf('\x1b[3', '2mgreen').lines;
    expect(line?.spans).toEqual([{ text: 'green', style: { ...plain, foreground: 'c2' } }]);
  });

  it('shows nothing of other sequences', () => {
    expect(textOf(screenOf('\x1b]8;;https://example.org\x07link\x1b]8;;\x07\x1b[2J!'))).toEqual(['link!']);
  });

  it('keeps the last lines and counts the first', () => {
    const screen = screenOf(Array.from({ length: 20_000 }, (_, at) => `line ${at}\n`).join(''));
    expect(screen.dropped + screen.lines.length).toBe(20_000);
    expect(screen.lines.length).toBeLessThanOrEqual(5500);
    expect(textOf(screen).at(-1)).toBe('line 19999');
  });
});
