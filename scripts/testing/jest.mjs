import { existsSync, readFileSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
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

const secondsToExit = 20;

/**
 * @param {object} suite
 * @param {string} suite.files a regular expression of their paths
 * @param {readonly string[]} suite.filters only files whose path matches one of them, if any is given
 * @param {readonly string[]} suite.options more of jest's own
 * @param {NodeJS.ProcessEnv} suite.env
 * @param {string} suite.reportFile in a directory of its own
 * @param {number} [suite.minutes] after which it is given up
 * @returns {Promise<import('./outcome.mjs').Outcome>}
 */
export async function runJest({ files, filters, options, env, reportFile, minutes = 30 }) {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const late = signalAfterReport(reportFile);
  try {
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
      { cwd: root, env, minutes, shown: true, signal: late.signal },
    );
    if (late.signal.aborted)
      console.log('jest did not exit after its last test: a test left something open.');
    return existsSync(reportFile) ? outcomeOf(JSON.parse(readFileSync(reportFile, 'utf8')), ok) : crashed;
  } finally {
    late.stop();
  }
}

/**
 * A connection or a child that a test left open keeps jest alive for ever after its report.
 * @param {string} reportFile
 * @returns {{signal: AbortSignal, stop: () => void}} the signal fires when the report was there for a while
 */
function signalAfterReport(reportFile) {
  const controller = new AbortController();
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const watcher = watch(dirname(reportFile), () => {
    timer ??= setTimeout(() => controller.abort(), secondsToExit * 1000);
  });
  return {
    signal: controller.signal,
    stop: () => {
      watcher.close();
      clearTimeout(timer);
    },
  };
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
