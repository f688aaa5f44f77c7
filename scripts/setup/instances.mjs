import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { tryLock } from './lock.mjs';

/**
 * A process that uses what set-up made: packages, Python environment, build.
 * @typedef {object} Instance
 * @property {number} pid
 * @property {string} command what the user typed
 * @property {string | null} build the name of the build that it runs
 */

/**
 * Records who runs from this checkout. Each record is a file that its process keeps locked for its life, so one
 * whose process was killed is told from a living one, also across PID namespaces. Callers hold the set-up lock.
 */
export class Instances {
  #directory;

  /** @param {string} directory */
  constructor(directory) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  /**
   * For as long as this process lives: its end closes the descriptor, and with it goes the lock.
   * @param {Instance} instance
   */
  add(instance) {
    const descriptor = openSync(join(this.#directory, randomUUID()), 'wx');
    tryLock(descriptor);
    writeSync(descriptor, JSON.stringify(instance));
  }

  /**
   * Removes the records of the dead on the way.
   * @returns {Instance[]} those that run
   */
  list() {
    return readdirSync(this.#directory).flatMap((name) => {
      const path = join(this.#directory, name);
      const descriptor = openSync(path, 'r');
      try {
        if (!tryLock(descriptor)) return [/** @type {Instance} */ (JSON.parse(readFileSync(path, 'utf8')))];
        rmSync(path);
        return [];
      } finally {
        closeSync(descriptor);
      }
    });
  }
}
