import { installWithApt } from './apt.mjs';
import { run, which } from './command.mjs';
import { howToInstall, installationHere } from './machine.mjs';
import { SetupError } from './setup-error.mjs';

/** @typedef {import('./index.mjs').Context} Context */

/**
 * Installs bubblewrap where that is possible without asking: as root on Debian, Ubuntu and their kin.
 * @param {Context} context
 */
export async function ensureBubblewrap({ progress }) {
  if (which('bwrap') !== null) return;
  const installation = installationHere();
  if (!installation.root || installation.installer !== 'apt-get install') {
    throw new SetupError(missingBubblewrap(installation));
  }
  await progress.during('bubblewrap', 'installing with apt-get', installBubblewrap);
}

/**
 * Proves that kernels can run in rooms, by building one and running a kernel in it.
 * @param {string} python interpreter of the environment
 */
export async function proveRooms(python) {
  const { ok, output } = await run(python, ['-I', '-m', 'mntdata_runtime.check'], { minutes: 1 });
  if (!ok)
    throw new SetupError(output.trim() || 'A room cannot be built here, and the check does not say why.');
}

/**
 * @param {import('./machine.mjs').Installation} installation
 * @returns {string}
 */
export function missingBubblewrap(installation) {
  return (
    `bubblewrap is missing, which builds the room around each kernel: ${howToInstall('bubblewrap', installation)} and ` +
    'start again. (SANDBOX=off starts without rooms, and gives the code that runs the rights of this service.)'
  );
}

async function installBubblewrap() {
  const { ok, output } = await installWithApt('bubblewrap');
  if (!ok)
    throw new SetupError(`bubblewrap is missing, and apt-get could not install it:\n${output.trimEnd()}`);
}
