import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { run } from './command.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * An flock(2) belongs to the open file, not to the process that asked for it: `flock` locks the descriptor that
 * it inherits as number 3, and the lock stays with ours. The kernel releases it when the last process that has
 * the file open ends, however it ends.
 * @typedef {object} Lock
 * @property {number} descriptor
 * @property {() => void} release
 */

/**
 * @param {string} path a file, made when absent and never removed: a new one would not be the same lock
 * @param {(holder: string) => void} onWait called once when another process holds the lock, with what it said of itself
 * @param {string} self what to say to those that wait
 * @returns {Promise<Lock>}
 */
export async function lockAfterOthers(path, onWait, self) {
  const descriptor = openSync(path, 'a+');
  try {
    if (!tryLock(descriptor)) {
      onWait(readFileSync(path, 'utf8').trim());
      const { ok, output } = await run('flock', ['-x', '3'], { minutes: 60, heldOpen: descriptor });
      if (!ok)
        throw new SetupError(`The lock ${path} could not be taken: ${output.trim() || 'waited an hour'}`);
    }
    ftruncateSync(descriptor);
    writeSync(descriptor, `${self}\n`);
    return { descriptor, release: () => closeSync(descriptor) };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/**
 * @param {number} descriptor an open file
 * @returns {boolean} whether the exclusive lock is now ours; false when another holds it
 */
export function tryLock(descriptor) {
  const { status, stderr, error } = spawnSync('flock', ['-n', '-x', '3'], {
    stdio: ['ignore', 'ignore', 'pipe', descriptor],
    timeout: 10_000,
    encoding: 'utf8',
  });
  if (status === 0) return true;
  if (status === 1 && stderr === '') return false;
  throw new SetupError(
    error && 'code' in error && error.code === 'ENOENT'
      ? 'The program flock is missing: install the package util-linux and start again.'
      : `The file system cannot lock files: ${stderr.trim() || String(error)}`,
  );
}
