import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../errors/index.js';

const secretBytes = 32;

/**
 * The master secret: `SECRET_KEY` when set, else the file `secret` of the data directory, made at the first start.
 * @throws Error when the file is damaged or readable by others; the message says what to do
 */
export async function masterSecret(secretKey: string | null, dataDirectory: string): Promise<Buffer> {
  if (secretKey !== null) return Buffer.from(secretKey);
  const path = join(dataDirectory, 'secret');
  return (await readSecret(path)) ?? (await makeSecret(dataDirectory, path));
}

async function readSecret(path: string): Promise<Buffer | null> {
  let secret: Buffer;
  try {
    secret = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  if (secret.length < secretBytes)
    throw new StartError(
      `${path} is damaged: it holds ${secret.length} bytes instead of ${secretBytes}. Remove it; tokens and links made before end.`,
    );
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0)
    throw new StartError(`${path} can be read by other users of this machine. Run: chmod 600 ${path}`);
  return secret;
}

/** Whole or not at all: two first starts at once agree on one secret, and a crash leaves no half of one. */
async function makeSecret(directory: string, path: string): Promise<Buffer> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await writeDurably(temporary, randomBytes(secretBytes));
    await link(temporary, path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(temporary, { force: true });
  }
  await syncDirectory(directory);
  const secret = await readSecret(path);
  if (secret === null) throw new StartError(`${path} vanished while it was made. Start again.`);
  return secret;
}

async function writeDurably(path: string, content: Buffer): Promise<void> {
  await using(await open(path, 'wx', 0o600), async (file) => {
    await file.writeFile(content);
    await file.sync();
  });
}

async function syncDirectory(path: string): Promise<void> {
  await using(await open(path, 'r'), (directory) => directory.sync());
}

async function using(file: FileHandle, work: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(file);
  } finally {
    await file.close();
  }
}
