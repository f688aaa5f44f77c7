import { run, tellsOfNetwork } from './command.mjs';
import { SetupError } from './setup-error.mjs';

/** @typedef {import('./index.mjs').Context} Context */

export const indexUnreachable =
  'The Python packages could not be downloaded: the package index is not reachable. Check the network, the ' +
  'proxy (HTTPS_PROXY) and `pip config list`, and start again.';

/**
 * Installs packages.
 * @param {Context} context
 * @param {string} python
 * @param {readonly string[]} args
 * @param {string} [origin] the setting that asked for these packages
 */
export async function pip({ lock }, python, args, origin) {
  const quiet = [
    '--no-input',
    '--disable-pip-version-check',
    '--no-warn-script-location',
    '--progress-bar=off',
  ];
  const { ok, output } = await run(python, ['-I', '-m', 'pip', 'install', ...quiet, ...args], {
    minutes: 30,
    heldOpen: lock.descriptor,
  });
  if (ok) return;
  if (tellsOfNetwork(output)) throw new SetupError(indexUnreachable);
  const reasons = output.split('\n').filter((line) => line.startsWith('ERROR:'));
  throw new SetupError(
    `${origin ?? 'The Python packages'} could not be installed:\n${(reasons.length > 0 ? reasons.join('\n') : output).trimEnd()}`,
  );
}
