import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, tellsOfNetwork } from './command.mjs';
import { fingerprint } from './fingerprint.mjs';
import { SetupError } from './setup-error.mjs';

/** @typedef {import('./index.mjs').Context} Context */

export const registryUnreachable =
  'The npm packages could not be downloaded: the registry is not reachable. Check the network, the proxy ' +
  '(HTTPS_PROXY) and `npm config get registry`, and start again.';

/**
 * Installs what package-lock.json says, when that changed. The stamp lies in node_modules and is written last, so
 * an installation that was cut short is repaired. Packages' install scripts do not run: none is needed.
 * @param {Context} context
 */
export async function ensureNpmPackages({ root, lock, progress, requireAlone }) {
  const stamp = join(root, 'node_modules', '.mntdata-installed');
  const wanted = fingerprint(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
    process.platform,
    process.arch,
  );
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;

  requireAlone('The npm packages must be replaced, because package-lock.json changed');
  await progress.during('npm packages', 'installing', async () => {
    rmSync(stamp, { force: true });
    await install(root, lock.descriptor);
    writeFileSync(stamp, wanted);
  });
}

/**
 * Without a network npm tries every package for minutes before it fails. So the registry is asked first, and when it
 * cannot be reached, npm is left with what its cache holds.
 * @param {string} root
 * @param {number} heldOpen
 */
async function install(root, heldOpen) {
  const ping = ['ping', '--fetch-timeout=15000', '--fetch-retries=1', '--fetch-retry-mintimeout=1000'];
  const { output: pong } = await run('npm', ping, { cwd: root, minutes: 1 });
  const source = tellsOfNetwork(pong) ? '--offline' : '--prefer-offline';
  const { ok, output } = await run('npm', ['ci', '--ignore-scripts', source], {
    cwd: root,
    minutes: 30,
    heldOpen,
  });
  if (!ok) throw new SetupError(explain(output));
}

/** @param {string} output */
function explain(output) {
  if (output === 'spawn npm ENOENT') {
    return 'The program npm is missing: install it (it comes with Node.js) and start again.';
  }
  return tellsOfNetwork(output) || output.includes('ENOTCACHED')
    ? registryUnreachable
    : `The npm packages could not be installed:\n${output.trimEnd()}`;
}
