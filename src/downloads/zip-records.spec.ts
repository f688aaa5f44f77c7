import { centralHeader, dataDescriptor, endOfDirectory, localHeader, type ZipEntry } from './zip-records.js';

const GiB = 1024 ** 3;

const anEntry = (values: Partial<ZipEntry>): ZipEntry => ({
  name: Buffer.from('name'),
  modifiedAt: new Date('2026-03-01T12:34:56Z'),
  offset: 0,
  size: 10,
  compressedSize: 15,
  crc: 0xcafebabe,
  zip64: false,
  ...values,
});

/** The values of the ZIP64 extra field of a header, found behind the name. */
function zip64Values(header: Buffer, fixed: number): bigint[] {
  for (let at = fixed + 4; at < header.length; at += 4 + header.readUInt16LE(at + 2)) {
    if (header.readUInt16LE(at) !== 1) continue;
    const count = header.readUInt16LE(at + 2) / 8;
    return Array.from({ length: count }, (_, i) => header.readBigUInt64LE(at + 4 + i * 8));
  }
  return [];
}

describe('the records of a ZIP file', () => {
  test('are narrow for small things', () => {
    const header = centralHeader(anEntry({}));
    expect([header.readUInt32LE(20), header.readUInt32LE(24), header.readUInt32LE(42)]).toEqual([15, 10, 0]);
    expect(zip64Values(header, 46)).toEqual([]);
    expect(dataDescriptor(anEntry({}))).toHaveLength(16);
    expect(endOfDirectory(1, 100, 50)).toHaveLength(22);
  });

  test('are wide for a large file', () => {
    const large = anEntry({ zip64: true, size: 5 * GiB, compressedSize: 6 * GiB });
    expect(zip64Values(localHeader(large), 30)).toEqual([0n, 0n]);
    expect(localHeader(large).readUInt16LE(4)).toBe(45);
    expect(dataDescriptor(large).readBigUInt64LE(8)).toBe(BigInt(6 * GiB));
    expect(zip64Values(centralHeader(large), 46)).toEqual([5n, 6n, 0n].map((n) => n * BigInt(GiB)));
  });

  test('are wide for a small file far behind', () => {
    const header = centralHeader(anEntry({ offset: 5 * GiB }));
    expect(header.readUInt32LE(42)).toBe(0xffffffff);
    expect(zip64Values(header, 46)).toEqual([10n, 15n, BigInt(5 * GiB)]);
  });

  test.each([
    [65_535, 0, 10],
    [1, 5 * GiB, 10],
    [1, 0, 5 * GiB],
  ])('end wide for %i entries at %i of %i bytes', (entries, start, size) => {
    const end = endOfDirectory(entries, start, size);
    expect(end).toHaveLength(56 + 20 + 22);
    expect(end.readBigUInt64LE(32)).toBe(BigInt(entries));
    expect(end.readBigUInt64LE(40)).toBe(BigInt(size));
    expect(end.readBigUInt64LE(48)).toBe(BigInt(start));
    expect(end.readBigUInt64LE(64)).toBe(BigInt(start + size));
  });

  test('keep to the years that ZIP knows', () => {
    expect(localHeader(anEntry({ modifiedAt: new Date(0) })).readUInt32LE(10) >>> 16).toBe(0x21);
    expect(() => localHeader(anEntry({ modifiedAt: new Date('9999-12-31') }))).not.toThrow();
  });
});
