import { BoundedLines } from './bounded-lines.js';

function linesOf(maxLength: number, ...chunks: string[]): string[] {
  const lines: string[] = [];
  const reader = new BoundedLines(maxLength, (line) => lines.push(line));
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return lines;
}

describe('BoundedLines', () => {
  it('joins what chunks cut', () => {
    expect(linesOf(80, 'on', 'e\ntw', 'o\r\n', 'three')).toEqual(['one', 'two', 'three']);
  });

  it('leaves empty lines out', () => {
    expect(linesOf(80, '\n\na\n\n')).toEqual(['a']);
  });

  it('drops the rest of a line that is too long, and goes on with the next', () => {
    expect(linesOf(4, 'abcdef', 'ghi', 'j\nxy\n')).toEqual(['abcd', 'xy']);
  });
});
