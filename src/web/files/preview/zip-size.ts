const entrySignature = 0x02014b50;
const endSignature = 0x06054b50;
const endSize = 22;
const longestComment = 0xffff;

/**
 * What the entries of a ZIP say they unpack to, in bytes. The reader of workbooks allocates by these numbers, so they
 * bound its memory. Infinity when the list of entries cannot be read. https://pkware.cachefly.net/webdocs/APPNOTE.TXT
 */
export function unpackedSize(zip: DataView): number {
  const end = findEnd(zip);
  if (end === null) return Infinity;
  const entries = zip.getUint16(end + 10, true);
  let at = zip.getUint32(end + 16, true);
  let total = 0;
  for (let entry = 0; entry < entries; entry += 1) {
    if (at + 46 > zip.byteLength || zip.getUint32(at, true) !== entrySignature) return Infinity;
    total += zip.getUint32(at + 24, true);
    const variable = [28, 30, 32].map((offset) => zip.getUint16(at + offset, true));
    at += 46 + variable.reduce((sum, length) => sum + length, 0);
  }
  return total;
}

function findEnd(zip: DataView): number | null {
  const first = Math.max(0, zip.byteLength - endSize - longestComment);
  for (let at = zip.byteLength - endSize; at >= first; at -= 1)
    if (zip.getUint32(at, true) === endSignature) return at;
  return null;
}
