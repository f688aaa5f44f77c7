import { isGood, sum } from './outcome.mjs';
import { choose, runSuite } from './suites.mjs';

/**
 * Runs those that the arguments choose, and tells the sum in the last line.
 * @param {readonly string[]} args names of suites, and paths or parts of paths
 * @param {readonly import('./suites.mjs').Suite[]} suites
 * @param {import('./suites.mjs').Tools} tools
 * @returns {Promise<boolean>} whether all is well
 */
export async function runSuites(args, suites, tools) {
  const { chosen, filters } = choose(args, suites);
  const lines = [];
  const outcomes = [];
  for (const suite of chosen) {
    console.log(`\n== ${suite.name}`);
    const began = performance.now();
    const outcome = await runSuite(suite, filters, tools);
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    lines.push(
      `${suite.name}: ${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped} skipped (${seconds} s)`,
    );
    outcomes.push(outcome);
  }
  const total = sum(outcomes);
  console.log(`\n${lines.join('\n')}\n\n${total.passed} passed, ${total.failed} failed`);
  return isGood(total);
}
