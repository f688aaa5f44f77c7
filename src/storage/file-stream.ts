import { open, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ByteRange, ContentStream } from './artifact-store.port.js';
import { asStorageError } from './storage.errors.js';

/** Large reads: at 64 KiB, Node's default, the trips to the thread pool halve the rate of a download. */
const READ_BYTES = 1024 * 1024;

const WHOLE: ByteRange = { start: 0, end: Infinity };

/** The content of a file as long as it was when it was opened. Ended, failed or destroyed, the file is closed. */
export class FileStream extends Readable implements ContentStream {
  private position: number;
  private readonly end: number;
  private readonly spare: Buffer[] = [];

  private constructor(
    private readonly handle: FileHandle,
    range: ByteRange,
  ) {
    super({ highWaterMark: READ_BYTES });
    this.position = range.start;
    this.end = range.end;
  }

  /** Fails with the error of the system when the file cannot be opened. */
  static async open(path: string, { start, end }: ByteRange = WHOLE): Promise<FileStream> {
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      return new FileStream(handle, { start, end: Math.min(end, size - 1) });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  override _read(): void {
    const length = Math.min(READ_BYTES, this.end - this.position + 1);
    if (length <= 0) {
      this.push(null);
      return;
    }
    // No more than is read: Node.js collects garbage after every so many bytes that buffers take.
    const used = length === READ_BYTES ? this.spare.pop() : undefined;
    this.handle.read(used ?? Buffer.allocUnsafe(length), 0, length, this.position).then(
      ({ bytesRead, buffer }) => {
        if (this.destroyed) return;
        this.position += bytesRead;
        this.push(bytesRead === 0 ? null : buffer.subarray(0, bytesRead));
      },
      (error: unknown) => this.destroy(asStorageError(error) as Error),
    );
  }

  /** New memory for each piece is memory that Linux clears first: half the time of a download. */
  recycle(piece: Buffer): void {
    if (piece.length === READ_BYTES) this.spare.push(piece);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    // Waits for a read under way: the descriptor number is not reused beneath it.
    this.handle.close().then(
      () => callback(error),
      (closing: unknown) => callback(error ?? (closing as Error)),
    );
  }
}
