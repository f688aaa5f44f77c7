import { pipeline, type Readable } from 'node:stream';
import { crc32, createDeflateRaw } from 'node:zlib';
import { StorageUnavailableError } from '../storage/index.js';
import { ArchiveNames } from './archive-names.js';
import {
  centralHeader,
  dataDescriptor,
  endOfDirectory,
  localHeader,
  ZIP64_FROM,
  type ZipEntry,
} from './zip-records.js';

/** What `zipOf` packs; the next one is asked for when the one before is written. */
export type Entries = Iterable<ArchiveEntry> | AsyncIterable<ArchiveEntry>;

/** One file to be packed. */
export interface ArchiveEntry {
  /** Relative, with `/` between its parts; made safe and unique here. */
  path: string;
  size: number;
  mimeType: string;
  modifiedAt: Date;
  open(): Promise<Readable>;
}

const PIECE_BYTES = 256 * 1024;

/** Text shrinks to a quarter at 200 MB/s; what is compressed already only costs that time. */
const COMPRESSIBLE = /^text\/|[/+.-](?:json|jsonl|ndjson|xml|javascript|sql|yaml|toml|rtf|postscript)$/;

/**
 * A ZIP of these files, written as it is read: memory does not grow with the size of the files, and each is
 * opened when its turn comes. ZIP64 where sizes, offsets or the number of entries want it. All entries are
 * deflated, those that would not shrink at level 0 (copied in stored blocks): only so can a program unpack
 * the archive while it still arrives. Leaving the iteration closes the file being read.
 *
 * Written here because the libraries compute CRC-32 in JavaScript, at a sixth of the rate, and go on after
 * the error of a source.
 */
export async function* zipOf(entries: Entries): AsyncGenerator<Buffer> {
  yield* inLargePieces(records(entries));
}

async function* records(entries: Entries): AsyncGenerator<Buffer> {
  const names = new ArchiveNames();
  const directory: Buffer[] = [];
  let offset = 0;
  for await (const entry of entries) {
    const packed: ZipEntry = {
      name: Buffer.from(names.add(entry.path)),
      modifiedAt: entry.modifiedAt,
      offset,
      size: 0,
      compressedSize: 0,
      crc: 0,
      zip64: entry.size >= ZIP64_FROM,
    };
    for await (const piece of packedEntry(entry, packed)) {
      offset += piece.length;
      yield piece;
    }
    directory.push(centralHeader(packed));
  }
  yield* directory;
  const size = directory.reduce((sum, header) => sum + header.length, 0);
  yield endOfDirectory(directory.length, offset, size);
}

/** Fills in what `packed` lacks on the way. */
async function* packedEntry(entry: ArchiveEntry, packed: ZipEntry): AsyncGenerator<Buffer> {
  const source = await entry.open();
  const deflate = createDeflateRaw({
    level: COMPRESSIBLE.test(entry.mimeType) ? 1 : 0,
    chunkSize: Math.min(PIECE_BYTES, Math.max(1024, entry.size)),
  });
  // Errors of the source reach the iteration through `deflate`, whose end is the end of both.
  pipeline(
    source,
    (chunks: AsyncIterable<Buffer>) => measured(chunks, packed),
    deflate,
    () => undefined,
  );
  try {
    yield localHeader(packed);
    for await (const piece of deflate as AsyncIterable<Buffer>) {
      packed.compressedSize += piece.length;
      yield piece;
    }
  } finally {
    deflate.destroy();
  }
  if (packed.size !== entry.size) {
    throw new StorageUnavailableError(new Error('The content has another size than its row.'));
  }
  yield dataDescriptor(packed);
}

async function* measured(chunks: AsyncIterable<Buffer>, packed: ZipEntry): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    packed.size += chunk.length;
    packed.crc = crc32(chunk, packed.crc);
    yield chunk;
  }
}

/** A thousand small files would be thousands of writes of a few bytes each. */
async function* inLargePieces(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    waiting.push(piece);
    bytes += piece.length;
    if (bytes < PIECE_BYTES) continue;
    yield Buffer.concat(waiting);
    [waiting, bytes] = [[], 0];
  }
  yield Buffer.concat(waiting);
}
