/**
 * What a suite came to. A file that could not be loaded, and a runner that ended without a report, count as failed.
 * @typedef {object} Outcome
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 */

/** @type {Outcome} */
export const nothing = { passed: 0, failed: 0, skipped: 0 };

/** @type {Outcome} */
export const crashed = { passed: 0, failed: 1, skipped: 0 };

/**
 * @param {readonly Outcome[]} outcomes
 * @returns {Outcome}
 */
export function sum(outcomes) {
  return outcomes.reduce(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }),
    nothing,
  );
}

/**
 * @param {Outcome} outcome
 * @returns {boolean} a run in which nothing ran proves nothing
 */
export function isGood({ passed, failed }) {
  return failed === 0 && passed > 0;
}
