import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root, stateDirectory } from './paths.mjs';

/**
 * A set-up that is over: that of a container image. There are no sources to compare with and nothing may be written.
 * @typedef {{build: string, python: string}} Finished paths relative to the directory of package.json
 */

const file = join(stateDirectory, 'finished.json');

/** @returns {Finished | null} absolute paths; null in a checkout */
export function readFinished() {
  if (!existsSync(file)) return null;
  const { build, python } = /** @type {Finished} */ (JSON.parse(readFileSync(file, 'utf8')));
  return { build: join(root, build), python: join(root, python) };
}

/** @param {Finished} finished */
export function writeFinished(finished) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(finished));
}
