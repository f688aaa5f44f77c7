import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../errors/index.js';

/** Grows when what lies in the data directory changes in a way that older versions would misread. */
const FORMAT = 1;

/**
 * Makes the data directory and marks it with the number of its format; a directory without a number is new.
 * @throws Error when it has a newer format, an unreadable number, or cannot be made
 */
export function prepareDataDirectory(directory: string): void {
  const file = join(directory, 'format');
  const text = readOrMake(directory, file);
  if (text === null) return;
  const format = /^\d+$/.test(text.trim()) ? Number(text) : null;
  if (format === null) {
    throw new StartError(`${file} holds no number; DATA_DIR must name a directory of mntdata's own.`);
  }
  if (format > FORMAT) {
    throw new StartError(
      `The data in ${directory} has format ${String(format)}, and this version of mntdata knows formats up to ` +
        `${String(FORMAT)}: start the newer version that wrote it, or set DATA_DIR to another directory.`,
    );
  }
}

/** Null when the directory was new. */
function readOrMake(directory: string, file: string): string | null {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const text = readIfThere(file);
    if (text === null) writeWhole(file, `${String(FORMAT)}\n`);
    return text;
  } catch (error) {
    throw new StartError(
      `The directory ${directory} cannot be used (${(error as Error).message}): let DATA_DIR name one that this user ` +
        'may write, or start as its owner.',
      { cause: error },
    );
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function writeWhole(file: string, text: string): void {
  const unfinished = `${file}.${String(process.pid)}`;
  const descriptor = openSync(unfinished, 'w', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(unfinished, file);
}
