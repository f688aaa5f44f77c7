import { BoundedText } from './bounded-text.js';

function boundedText(maxBytes: number, ...pieces: string[]): BoundedText {
  const text = new BoundedText(maxBytes);
  for (const piece of pieces) text.append(piece);
  return text;
}

describe('BoundedText', () => {
  it.each([[['abcdefgh']], [['abc', 'defgh']], [Array.from('abcdefgh')], [['abcd', 'efgh']]])(
    'keeps all of %j, which just fits',
    (pieces) => {
      const text = boundedText(8, ...pieces);
      expect([text.toString(), text.truncated]).toEqual(['abcdefgh', false]);
    },
  );

  it.each([[['abcdefghijk']], [['abc', 'defgh', 'ijk']], [Array.from('abcdefghijk')], [['abcd', 'efghijk']]])(
    'keeps head and tail of %j and counts the middle',
    (pieces) => {
      const text = boundedText(8, ...pieces);
      expect([text.toString(), text.truncated]).toEqual(['abcd\n… 3 bytes left out …\nhijk', true]);
    },
  );

  it('cuts between characters, and counts bytes', () => {
    expect(boundedText(8, 'ä€😀', 'x€ü').toString()).toBe('ä\n… 7 bytes left out …\nx€ü');
  });

  it('gives what the head cannot use to the tail', () => {
    expect(boundedText(8, 'ab€cd', 'e').toString()).toBe('ab€cde');
  });

  it('keeps NUL and lone surrogates', () => {
    expect(boundedText(100, 'a\0b\ud800').toString()).toBe('a\0b\ud800');
  });

  it('appends another one with what that left out', () => {
    const all = boundedText(8, 'x');
    all.appendAll(boundedText(8, 'abcdefghijk'));
    expect([all.toString(), all.bytes]).toEqual(['xabc\n… 4 bytes left out …\nhijk', 12]);
  });

  it('is the same as its own copy', () => {
    const text = boundedText(8, 'abcdefghijk');
    const copy = new BoundedText(8);
    copy.appendAll(text);
    copy.append('l');
    expect([text.toString(), copy.toString()]).toEqual([
      'abcd\n… 3 bytes left out …\nhijk',
      'abcd\n… 4 bytes left out …\nijkl',
    ]);
  });

  it('takes a million pieces and one of 300 MB in bounded memory', () => {
    const text = new BoundedText(1 << 20);
    for (let i = 0; i < 1_000_000; i += 1) text.append('0123456789');
    text.append('x'.repeat(300 << 20));
    text.append('the end');
    const shown = text.toString();
    expect(Buffer.byteLength(shown)).toBeLessThan((1 << 20) + 100);
    expect(shown.endsWith('xthe end')).toBe(true);
    expect(text.bytes).toBe(10_000_000 + (300 << 20) + 7);
  });
});
