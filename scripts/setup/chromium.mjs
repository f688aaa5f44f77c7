import { which } from './command.mjs';
import { installWithApt } from './apt.mjs';
import { howToInstall, installationHere } from './machine.mjs';
import { SetupError } from './setup-error.mjs';

/** @typedef {import('./index.mjs').Context} Context */

const names = ['chromium', 'chromium-browser', 'google-chrome'];

/**
 * Finds the browser of the browser tests; as root on Debian and its kin it is installed when it is missing.
 * @param {Context} context
 * @returns {Promise<string>} its program
 */
export async function ensureChromium({ progress }) {
  const known = find();
  if (known !== null) return known;
  const installation = installationHere();
  if (!installation.root || installation.installer !== 'apt-get install') {
    throw new SetupError(`Chromium is missing: ${howToInstall('chromium', installation)} and start again.`);
  }
  await progress.during('Chromium', 'installing with apt-get', async () => {
    const { ok, output } = await installWithApt('chromium');
    if (!ok)
      throw new SetupError(`Chromium is missing, and apt-get could not install it:\n${output.trimEnd()}`);
  });
  const installed = find();
  if (installed === null) throw new SetupError('apt-get installed Chromium, but PATH has no chromium.');
  return installed;
}

function find() {
  for (const name of names) {
    const path = which(name);
    if (path !== null) return path;
  }
  return null;
}
