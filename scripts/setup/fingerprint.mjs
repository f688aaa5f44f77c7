import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * @param {readonly string[]} parts
 * @returns {string} 16 hex digits that change when any part changes
 */
export function fingerprint(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex').slice(0, 16);
}

/**
 * @param {string} directory
 * @param {(path: string) => boolean} isWanted decides by the path relative to `directory`, for files and folders
 * @returns {string} changes when a wanted file is added, removed, renamed or changed
 */
export function fingerprintOfTree(directory, isWanted) {
  const files = filesBelow(directory, directory, isWanted).sort();
  return fingerprint(...files.flatMap((file) => [file, readFileSync(join(directory, file), 'latin1')]));
}

/**
 * @param {string} top
 * @param {string} directory
 * @param {(path: string) => boolean} isWanted
 * @returns {string[]}
 */
function filesBelow(top, directory, isWanted) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    const name = relative(top, path);
    if (!isWanted(name)) return [];
    if (entry.isDirectory()) return filesBelow(top, path, isWanted);
    return entry.isFile() ? [name] : [];
  });
}
