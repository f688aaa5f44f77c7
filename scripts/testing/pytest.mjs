import { existsSync, readFileSync } from 'node:fs';
import { run } from '../setup/command.mjs';
import { runtimeDirectory } from '../setup/paths.mjs';
import { crashed, sum } from './outcome.mjs';

const nothingCollected = 5;

/**
 * @param {object} suite
 * @param {string} suite.python
 * @param {readonly string[]} suite.filters paths of files or directories; all tests without one
 * @param {NodeJS.ProcessEnv} suite.env
 * @param {string} suite.reportFile
 * @returns {Promise<import('./outcome.mjs').Outcome>}
 */
export async function runPytest({ python, filters, env, reportFile }) {
  const { ok, code } = await run(
    python,
    ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', `--junitxml=${reportFile}`, ...filters],
    { cwd: runtimeDirectory, env, minutes: 30, shown: true },
  );
  if (!existsSync(reportFile)) return crashed;
  return outcomeOf(readFileSync(reportFile, 'utf8'), ok || code === nothingCollected);
}

/**
 * @param {string} report in JUnit's format
 * @param {boolean} ok whether pytest itself was content
 * @returns {import('./outcome.mjs').Outcome}
 */
export function outcomeOf(report, ok) {
  const suites = [...report.matchAll(/<testsuite\s[^>]*>/g)].map(([tag]) => {
    /** @param {string} name */
    const count = (name) => Number(new RegExp(`\\s${name}="(\\d+)"`).exec(tag)?.[1] ?? 0);
    const failed = count('failures') + count('errors');
    return { passed: count('tests') - failed - count('skipped'), failed, skipped: count('skipped') };
  });
  const total = sum(suites);
  return total.failed === 0 && !ok ? { ...total, failed: 1 } : total;
}
