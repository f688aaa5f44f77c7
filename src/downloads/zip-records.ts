/**
 * The records of a ZIP file, as APPNOTE.TXT 6.3.10 lays them out, for entries whose CRC and compressed size
 * are known only after their data: those follow in a data descriptor.
 * Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export interface ZipEntry {
  /** UTF-8, relative, with `/` between its parts. */
  name: Buffer;
  modifiedAt: Date;
  /** Where its local header begins in the archive. */
  offset: number;
  size: number;
  compressedSize: number;
  crc: number;
  /** Sizes are written with 64 bits; must be settled before the data, so it goes by the size expected. */
  zip64: boolean;
}

/** Below 4 GiB by more than deflate can add to data that it cannot compress. */
export const ZIP64_FROM = 0xf0000000;

const MAX_16 = 0xffff;
const MAX_32 = 0xffffffff;
const VERSION = 20;
const VERSION_ZIP64 = 45;
const MADE_BY_UNIX = (3 << 8) | 63;
/** Bit 3: sizes follow the data. Bit 11: the name is UTF-8. */
const FLAGS = 0x0808;
const DEFLATE = 8;
const REGULAR_FILE_0644 = (0o100644 << 16) >>> 0;

export function localHeader(entry: ZipEntry): Buffer {
  const extra = Buffer.concat([timeExtra(entry), entry.zip64 ? zip64Extra([0, 0]) : Buffer.alloc(0)]);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  writeCommon(header, 4, entry);
  const unknown = entry.zip64 ? MAX_32 : 0;
  header.writeUInt32LE(unknown, 18);
  header.writeUInt32LE(unknown, 22);
  header.writeUInt16LE(entry.name.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, entry.name, extra]);
}

export function dataDescriptor({ crc, compressedSize, size, zip64 }: ZipEntry): Buffer {
  const record = Buffer.alloc(zip64 ? 24 : 16);
  record.writeUInt32LE(0x08074b50, 0);
  record.writeUInt32LE(crc, 4);
  if (zip64) {
    record.writeBigUInt64LE(BigInt(compressedSize), 8);
    record.writeBigUInt64LE(BigInt(size), 16);
  } else {
    record.writeUInt32LE(compressedSize, 8);
    record.writeUInt32LE(size, 12);
  }
  return record;
}

export function centralHeader(entry: ZipEntry): Buffer {
  const wide = entry.zip64 || entry.offset >= MAX_32;
  const wideFields = wide ? zip64Extra([entry.size, entry.compressedSize, entry.offset]) : Buffer.alloc(0);
  const extra = Buffer.concat([timeExtra(entry), wideFields]);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(MADE_BY_UNIX, 4);
  writeCommon(header, 6, { ...entry, zip64: wide });
  header.writeUInt32LE(entry.crc, 16);
  header.writeUInt32LE(wide ? MAX_32 : entry.compressedSize, 20);
  header.writeUInt32LE(wide ? MAX_32 : entry.size, 24);
  header.writeUInt16LE(entry.name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE(REGULAR_FILE_0644, 38);
  header.writeUInt32LE(wide ? MAX_32 : entry.offset, 42);
  return Buffer.concat([header, entry.name, extra]);
}

/** What ends the archive; `start` and `size` are those of the central directory. */
export function endOfDirectory(entries: number, start: number, size: number): Buffer {
  const wide = entries >= MAX_16 || start >= MAX_32 || size >= MAX_32;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(wide ? MAX_16 : entries, 8);
  end.writeUInt16LE(wide ? MAX_16 : entries, 10);
  end.writeUInt32LE(wide ? MAX_32 : size, 12);
  end.writeUInt32LE(wide ? MAX_32 : start, 16);
  return wide ? Buffer.concat([endOfDirectory64(entries, start, size), end]) : end;
}

function endOfDirectory64(entries: number, start: number, size: number): Buffer {
  const record = Buffer.alloc(56 + 20);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt16LE(MADE_BY_UNIX, 12);
  record.writeUInt16LE(VERSION_ZIP64, 14);
  record.writeBigUInt64LE(BigInt(entries), 24);
  record.writeBigUInt64LE(BigInt(entries), 32);
  record.writeBigUInt64LE(BigInt(size), 40);
  record.writeBigUInt64LE(BigInt(start), 48);
  // The locator of the record above.
  record.writeUInt32LE(0x07064b50, 56);
  record.writeBigUInt64LE(BigInt(start + size), 64);
  record.writeUInt32LE(1, 72);
  return record;
}

/** Version needed, flags, method and time stand in both headers in this order. */
function writeCommon(header: Buffer, at: number, { modifiedAt, zip64 }: ZipEntry): void {
  header.writeUInt16LE(zip64 ? VERSION_ZIP64 : VERSION, at);
  header.writeUInt16LE(FLAGS, at + 2);
  header.writeUInt16LE(DEFLATE, at + 4);
  header.writeUInt32LE(dosTime(modifiedAt), at + 6);
}

/** The years 1980 to 2107 in steps of two seconds. ZIP knows no time zone here: UTC, as in `timeExtra`. */
function dosTime(time: Date): number {
  const year = Math.min(Math.max(time.getUTCFullYear(), 1980), 2107);
  const date = ((year - 1980) << 9) | ((time.getUTCMonth() + 1) << 5) | time.getUTCDate();
  const clock = (time.getUTCHours() << 11) | (time.getUTCMinutes() << 5) | (time.getUTCSeconds() >> 1);
  return ((date << 16) | clock) >>> 0;
}

/** Info-ZIP's "extended timestamp": seconds since 1970, which unpackers prefer to the time above. */
function timeExtra({ modifiedAt }: ZipEntry): Buffer {
  const extra = Buffer.alloc(9);
  extra.writeUInt16LE(0x5455, 0);
  extra.writeUInt16LE(5, 2);
  extra.writeUInt8(1, 4);
  extra.writeInt32LE(Math.min(Math.floor(modifiedAt.getTime() / 1000), 0x7fffffff), 5);
  return extra;
}

function zip64Extra(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + values.length * 8);
  extra.writeUInt16LE(0x0001, 0);
  extra.writeUInt16LE(values.length * 8, 2);
  values.forEach((value, index) => extra.writeBigUInt64LE(BigInt(value), 4 + index * 8));
  return extra;
}
