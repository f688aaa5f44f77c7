import { Lines } from './lines.js';

function linesOf(...chunks: string[]): string[] {
  const lines: string[] = [];
  const reader = new Lines((line) => lines.push(line));
  for (const chunk of chunks) reader.push(Buffer.from(chunk, 'latin1'));
  return lines;
}

describe('Lines', () => {
  it('cuts chunks anywhere', () => {
    expect(linesOf('a', 'b\nc', '\n', '\nd\ne')).toEqual(['ab', 'c', '', 'd']);
  });

  it('joins characters that a chunk cut in two', () => {
    expect(linesOf('\xc3', '\xbc\n')).toEqual(['ü']);
  });

  it('takes a line of 64 MiB in chunks of 64 KiB in time that grows with its length', () => {
    const chunk = 'x'.repeat(1 << 16);
    const [line] = linesOf(...Array<string>(1024).fill(chunk), '\n');
    expect(line).toHaveLength(1 << 26);
  });
});
