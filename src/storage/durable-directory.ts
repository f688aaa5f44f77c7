import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Directories of the service are its own: other users of the host see nothing. */
const PRIVATE_DIRECTORY = 0o700;

/** Makes the entries of a directory (a rename, a new file) survive a power failure. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Creates a directory with its parents, 0700, durably. A directory that is there already is taken as it is:
 * syncing an entry in it commits the directory's own creation on every journaling file system.
 */
export async function ensureDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: PRIVATE_DIRECTORY });
  if (first === undefined) return;
  for (let created = path; created.length >= first.length; created = dirname(created)) {
    await syncDirectory(dirname(created));
  }
}
