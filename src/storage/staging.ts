import { createHash, randomUUID } from 'node:crypto';
import { lstat, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import type { StagedFile } from './artifact-store.port.js';
import { asStorageError, ContentTooLargeError } from './storage.errors.js';

export interface StageOptions {
  /** More than this many bytes end in `ContentTooLargeError`. */
  maxBytes: number;
  signal?: AbortSignal;
}

/**
 * Writes a stream into the directory under a random name, hashing it in the same pass, and syncs it.
 * Whatever fails (the stream's own errors come back as they are), the stream is destroyed and nothing is left
 * behind.
 */
export async function stageStream(
  directory: string,
  source: Readable,
  { maxBytes, signal }: StageOptions,
): Promise<StagedFile> {
  const path = join(directory, randomUUID());
  try {
    if (signal !== undefined) addAbortSignal(signal, source);
    return { path, ...(await writeMeasured(path, source, maxBytes)) };
  } catch (error) {
    source.destroy();
    await rm(path, { force: true });
    throw asStorageError(error);
  }
}

async function writeMeasured(
  path: string,
  source: Readable,
  maxBytes: number,
): Promise<Pick<StagedFile, 'sha256' | 'size'>> {
  const hash = createHash('sha256');
  let size = 0;
  const handle = await open(path, 'wx', 0o600);
  try {
    // A source that is destroyed while it is read tells its owner of an abortion, ahead of the true failure.
    for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw new ContentTooLargeError(maxBytes);
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { sha256: hash.digest('hex'), size };
}

/** Removes the files of a directory that nobody changed since; returns how many. */
export async function removeStaleFiles(directory: string, before: Date): Promise<number> {
  let removed = 0;
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    // The time of the last change of the inode: a copy can carry an old time of modification along.
    const status = await lstat(path).catch(() => null);
    if (status?.isFile() !== true || status.ctime >= before) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  return removed;
}
