/** The longest start of `text` that takes at most `maxBytes` in UTF-8; a surrogate pair is never cut. */
export function startOf(text: string, maxBytes: number): string {
  let end = 0;
  for (let bytes = 0; end < text.length;) {
    const units = isPair(text, end) ? 2 : 1;
    bytes += units === 2 ? 4 : unitBytes(text.charCodeAt(end));
    if (bytes > maxBytes) break;
    end += units;
  }
  return text.slice(0, end);
}

/** The longest end of `text` that takes at most `maxBytes` in UTF-8; a surrogate pair is never cut. */
export function endOf(text: string, maxBytes: number): string {
  let start = text.length;
  for (let bytes = 0; start > 0;) {
    const units = isPair(text, start - 2) ? 2 : 1;
    bytes += units === 2 ? 4 : unitBytes(text.charCodeAt(start - 1));
    if (bytes > maxBytes) break;
    start -= units;
  }
  return text.slice(start);
}

/** The same text in memory of its own: a slice keeps alive all of the string it was taken from. */
export function detached(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

/** A lone surrogate counts as three bytes, as `Buffer.byteLength` counts it. */
function unitBytes(unit: number): number {
  if (unit < 0x80) return 1;
  return unit < 0x800 ? 2 : 3;
}

function isPair(text: string, index: number): boolean {
  const first = text.charCodeAt(index);
  const second = text.charCodeAt(index + 1);
  return first >= 0xd800 && first < 0xdc00 && second >= 0xdc00 && second < 0xe000;
}
