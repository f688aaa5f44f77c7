import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../setup/command.mjs';
import { root } from '../setup/paths.mjs';
import { crashed } from './outcome.mjs';

/**
 * @typedef {object} JestReport the part that we read of what `jest --json` writes
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numRuntimeErrorTestSuites files that could not be loaded
 */

/**
 * @param {object} suite
 * @param {string} suite.files a regular expression of their paths
 * @param {readonly string[]} suite.filters only files whose path matches one of them, if any is given
 * @param {readonly string[]} suite.options more of jest's own
 * @param {NodeJS.ProcessEnv} suite.env
 * @param {string} suite.reportFile
 * @returns {Promise<import('./outcome.mjs').Outcome>}
 */
export async function runJest({ files, filters, options, env, reportFile }) {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const { ok } = await run(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      jest,
      ...['--testRegex', files, '--passWithNoTests', '--json', '--outputFile', reportFile],
      ...options,
      ...filters.flatMap((filter) => ['--testPathPatterns', filter]),
    ],
    { cwd: root, env, minutes: 30, shown: true },
  );
  return existsSync(reportFile) ? outcomeOf(JSON.parse(readFileSync(reportFile, 'utf8')), ok) : crashed;
}

/**
 * @param {JestReport} report
 * @param {boolean} ok whether jest itself was content
 * @returns {import('./outcome.mjs').Outcome}
 */
export function outcomeOf(report, ok) {
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && !ok ? 1 : failed,
    skipped: report.numPendingTests,
  };
}
