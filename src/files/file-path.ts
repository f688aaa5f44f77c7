import { createHash } from 'node:crypto';
import { DomainError } from '../errors/index.js';

/** What the code sees a workspace as. */
export const MOUNT = '/mnt/data';
/** Linux: a path, and one name of it. */
const MAX_PATH_BYTES = 4_096;
const MAX_NAME_BYTES = 255;

export const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();

/**
 * The bytes of a path that a client names, relative to the workspace, with `/` between its parts.
 *
 * @throws DomainError `invalid_file_name` for absolute paths, `.` and `..`, empty parts, control characters
 *   and what is too long for the file system.
 */
export function pathFromClient(name: string): Buffer {
  const bytes = Buffer.from(name, 'utf8');
  const parts = name.split('/');
  const problem =
    name === '' || name.startsWith('/') || /^[a-zA-Z]:[\\/]/.test(name)
      ? 'it must be relative and not empty'
      : parts.some((part) => part === '' || part === '.' || part === '..')
        ? 'it has an empty part, "." or ".."'
        : // eslint-disable-next-line no-control-regex -- control characters are what it looks for
          /[\u0000-\u001f\u007f]/.test(name) || !name.isWellFormed()
          ? 'it has control characters or broken Unicode'
          : bytes.length > MAX_PATH_BYTES - 512 ||
              parts.some((part) => Buffer.byteLength(part) > MAX_NAME_BYTES)
            ? `a part is longer than ${String(MAX_NAME_BYTES)} bytes, or the whole is too long`
            : null;
  if (problem !== null) {
    throw new DomainError(
      'invalid',
      'invalid_file_name',
      `The file name ${JSON.stringify(name)} cannot be used: ${problem}.`,
    );
  }
  return bytes;
}

/** The path as people and models read it; bytes that are no UTF-8 become U+FFFD. */
export const printablePath = (path: Buffer): string => path.toString('utf8');

export const mountedPath = (path: Buffer): string => `${MOUNT}/${printablePath(path)}`;

/** The last part of a path, as bytes. */
export function baseName(path: Buffer): Buffer {
  return path.subarray(path.lastIndexOf(0x2f) + 1);
}

/**
 * The path under which a second content of a taken name goes: `a/report.csv` becomes `a/report (2).csv`. The
 * name is shortened where the number would make it too long.
 */
export function numberedPath(path: Buffer, number: number): Buffer {
  const name = baseName(path);
  const folder = path.subarray(0, path.length - name.length);
  const dot = name.lastIndexOf(0x2e);
  const [stem, extension] = dot > 0 ? [name.subarray(0, dot), name.subarray(dot)] : [name, Buffer.alloc(0)];
  const suffix = Buffer.concat([Buffer.from(` (${String(number)})`), extension]);
  return Buffer.concat([folder, wholeCharacters(stem, MAX_NAME_BYTES - suffix.length), suffix]);
}

/** The longest beginning of at most `length` bytes that does not cut a UTF-8 character. */
function wholeCharacters(bytes: Buffer, length: number): Buffer {
  if (bytes.length <= length) return bytes;
  let end = Math.max(0, length);
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}
