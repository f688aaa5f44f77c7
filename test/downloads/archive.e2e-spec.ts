import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { zipOf, type ArchiveEntry } from '../../src/downloads/archive.js';
import { StorageUnavailableError } from '../../src/storage/index.js';

const run = promisify(execFile);

/** Reads a ZIP with Python's zipfile, which checks every CRC: name to [size, SHA-256, seconds since 1970]. */
const READ_ZIP = `
import hashlib, json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    entries = {}
    for info in archive.infolist():
        digest = hashlib.sha256()
        with archive.open(info) as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        entries[info.filename] = [info.file_size, digest.hexdigest(), list(info.date_time), info.external_attr >> 16]
print(json.dumps(entries))
`;

type Unpacked = Record<string, [size: number, sha256: string, time: number[], mode: number]>;

const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

describe('an archive', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mntdata-archive-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  function anEntry(path: string, data: Buffer, mimeType = 'application/octet-stream'): ArchiveEntry {
    const open = (): Promise<Readable> => Promise.resolve(Readable.from(data.length > 0 ? [data] : []));
    return { path, size: data.length, mimeType, modifiedAt: new Date('2026-03-01T12:34:56Z'), open };
  }

  async function unpacked(entries: Iterable<ArchiveEntry>): Promise<{ files: Unpacked; path: string }> {
    const path = join(directory, 'archive.zip');
    await pipeline(zipOf(entries), createWriteStream(path));
    const { stdout } = await run('python3', ['-c', READ_ZIP, path], { maxBuffer: 64 << 20 });
    return { files: JSON.parse(stdout), path };
  }

  test('unpacks to what went in', async () => {
    const csv = Buffer.from('a,b\n1,2\n'.repeat(100_000));
    const noise = randomBytes(3_000_000);
    const { files, path } = await unpacked([
      anEntry('report/out.csv', csv, 'text/csv'),
      anEntry('plot.png', noise, 'image/png'),
      anEntry('empty.txt', Buffer.alloc(0), 'text/plain'),
      anEntry('Übersicht 日本.json', Buffer.from('{}'), 'application/json'),
    ]);
    const time = [2026, 3, 1, 12, 34, 56];
    expect(files).toEqual({
      'report/out.csv': [csv.length, sha256(csv), time, 0o100644],
      'plot.png': [noise.length, sha256(noise), time, 0o100644],
      'empty.txt': [0, sha256(Buffer.alloc(0)), time, 0o100644],
      'Übersicht 日本.json': [2, sha256(Buffer.from('{}')), time, 0o100644],
    });
    // Text shrinks; noise grows by its stored blocks only.
    const { length } = await readFile(path);
    expect(length).toBeGreaterThan(noise.length);
    expect(length).toBeLessThan(noise.length + csv.length / 10);
  });

  test('of nothing is an archive too', async () => {
    expect((await unpacked([])).files).toEqual({});
  });

  test('names its entries safely', async () => {
    const paths = ['../../etc/passwd', '/abs', 'C:\\x', 'a', 'a/b', 'A', 'new\nline', '\u202etxt.exe'];
    const { files } = await unpacked(paths.map((path) => anEntry(path, Buffer.from(path))));
    expect(Object.keys(files)).toEqual([
      '__/__/etc/passwd',
      'abs',
      'C__x',
      'a',
      'a (2)/b',
      'A (3)',
      'new_line',
      '_txt.exe',
    ]);
  });

  test('holds more entries than 16 bits count', async () => {
    const { files } = await unpacked(
      Array.from({ length: 66_000 }, (_, i) => anEntry(`f/${String(i)}`, Buffer.alloc(0))),
    );
    expect(Object.keys(files)).toHaveLength(66_000);
  }, 120_000);

  test.each([1_000, 1_000_000])(
    'fails when one of %i bytes is not there, breaks or has another size',
    async (size) => {
      const good = anEntry('good', randomBytes(size));
      const absent = { ...good, open: () => Promise.reject(new Error('absent')) };
      const broken = {
        ...good,
        open: () =>
          Promise.resolve(new Readable({ read: (): void => undefined }).destroy(new Error('broken'))),
      };
      const short = { ...good, size: size + 1 };
      const long = { ...good, size: size - 1 };
      await expect(unpacked([good, absent])).rejects.toThrow('absent');
      await expect(unpacked([good, broken])).rejects.toThrow('broken');
      await expect(unpacked([good, short])).rejects.toBeInstanceOf(StorageUnavailableError);
      await expect(unpacked([good, long])).rejects.toBeInstanceOf(StorageUnavailableError);
    },
  );

  test('opens one file at a time, and closes it when it is left', async () => {
    const opened: Readable[] = [];
    const entries = Array.from({ length: 5 }, (_, i): ArchiveEntry => {
      const entry = anEntry(`file-${String(i)}`, randomBytes(2_000_000));
      const open = async (): Promise<Readable> => {
        const stream = await entry.open();
        expect(opened.every((earlier) => earlier.destroyed)).toBe(true);
        opened.push(stream);
        return stream;
      };
      return { ...entry, open };
    });
    let bytes = 0;
    for await (const piece of zipOf(entries)) {
      bytes += piece.length;
      if (bytes > 5_000_000) break;
    }
    expect(opened).toHaveLength(3);
    for (const stream of opened) {
      if (!stream.closed) await new Promise((closed) => stream.once('close', closed));
    }
  });

  test('reads only a few small files ahead, and leaves none of them open', async () => {
    let asked = 0;
    const opened: Readable[] = [];
    const entries = Array.from({ length: 200 }, (_, i): ArchiveEntry => {
      const entry = anEntry(`file-${String(i)}`, randomBytes(100_000));
      const open = async (): Promise<Readable> => {
        asked += 1;
        // The storage is slow with those that are still on their way when the archive is left.
        if (i > 3) await setTimeout(50);
        const stream = await entry.open();
        opened.push(stream);
        return stream;
      };
      return { ...entry, open };
    });
    const pieces = zipOf(entries);
    await pieces.next();
    expect(asked).toBeGreaterThan(4);
    expect(asked).toBeLessThan(20);
    await pieces.return(undefined);
    expect(opened).toHaveLength(asked);
    expect(opened.every((stream) => stream.destroyed)).toBe(true);
  });

  test('tells of a file that cannot be read when its turn comes, not before', async () => {
    const failing = { ...anEntry('bad', randomBytes(10)), open: () => Promise.reject(new Error('absent')) };
    const large = Array.from({ length: 3 }, (_, i) => anEntry(`large-${String(i)}`, randomBytes(1_000_000)));
    let bytes = 0;
    const reading = (async () => {
      for await (const piece of zipOf([...large, failing])) bytes += piece.length;
    })();
    await expect(reading).rejects.toThrow('absent');
    expect(bytes).toBeGreaterThan(2_500_000);
  });

  test('is written as it is read, whatever its size', async () => {
    const total = 500_000_000;
    const piece = Buffer.alloc(1_000_000, 'x');
    let read = 0;
    const endless: ArchiveEntry = {
      ...anEntry('large.txt', piece, 'text/plain'),
      size: total,
      open: () =>
        Promise.resolve(
          new Readable({
            highWaterMark: piece.length,
            read(): void {
              read += piece.length;
              this.push(read <= total ? piece : null);
            },
          }),
        ),
    };
    const pieces = zipOf([endless]);
    await pieces.next();
    // Only what the buffers of the streams take has been read.
    expect(read).toBeLessThan(100_000_000);
    await pieces.return(undefined);
  });
});
