import { run, which } from './command.mjs';
import { howToInstall, packageInstaller } from './machine.mjs';
import { SetupError } from './setup-error.mjs';

/** @typedef {import('./index.mjs').Context} Context */

/**
 * Sees to it that kernels can run in rooms, and proves it by building one.
 * @param {Context} context
 * @param {string} python interpreter of the environment
 */
export async function ensureRooms({ progress }, python) {
  if (which('bwrap') === null) {
    if (process.getuid?.() !== 0 || packageInstaller() !== 'apt-get install') throw new SetupError(missing());
    await progress.during('bubblewrap', 'installing with apt-get', installWithApt);
  }
  const { ok, output } = await run(python, ['-I', '-m', 'mntdata_runtime.check'], { minutes: 1 });
  if (!ok)
    throw new SetupError(
      output.trim() || 'A room for kernels cannot be built here, for a reason that is not known.',
    );
}

async function installWithApt() {
  const install = ['install', '-y', '--no-install-recommends', 'bubblewrap'];
  const options = { minutes: 10, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  if ((await run('apt-get', install, options)).ok) return;
  await run('apt-get', ['update'], options); // a fresh machine has no package lists
  const { ok, output } = await run('apt-get', install, options);
  if (!ok) throw new SetupError(`${missing()}\napt-get could not install it:\n${output.trimEnd()}`);
}

function missing() {
  return (
    `bubblewrap is missing, which builds the room around each kernel: ${howToInstall('bubblewrap')} and start again. ` +
    '(SANDBOX=off starts without rooms, and gives the code that runs the rights of this service.)'
  );
}
