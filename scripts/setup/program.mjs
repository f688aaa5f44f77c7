import { SetupError } from './setup-error.mjs';
import { isAtLeast, minimalNode } from './version.mjs';

/**
 * Runs a script of this project. What the user can mend is told in a sentence; anything else is a defect and shows
 * its stack. This file and what it imports must load in any Node.js, to say that it is too old.
 * @param {() => Promise<void>} main
 */
export async function program(main) {
  try {
    requireNode(process.version);
    requireLinux(process.platform);
    await main();
  } catch (error) {
    process.stderr.write(`${tell(error)}\n`);
    process.exit(1); // whatever was started half-way must not keep the process alive
  }
}

/**
 * @param {unknown} error
 * @returns {string}
 */
export function tell(error) {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    return `Port ${String(error.port)} is taken by another program: stop that one, or set PORT to a free port.`;
  }
  return isExpected(error) ? error.message : (error.stack ?? error.message);
}

const namesForUsers = new Set(['StartError', 'ConfigurationError', 'FileLockedError']);

/**
 * @param {Error} error
 * @returns {boolean} whether its message was written for the user: ours, and those of the service by their shape,
 *   because its classes come from a build
 */
function isExpected(error) {
  return error instanceof SetupError || namesForUsers.has(error.name) || ('kind' in error && 'code' in error);
}

/**
 * @param {string} version as `process.version` tells it
 * @throws {SetupError} when it is too old
 */
export function requireNode(version) {
  if (isAtLeast(version, minimalNode)) return;
  throw new SetupError(
    `Node.js ${version} is too old: mntdata needs Node.js ${minimalNode.join('.')} or newer. ` +
      'Install a current one, see https://nodejs.org/en/download, and start again.',
  );
}

const insteadOfLinux = /** @type {Readonly<Record<string, string>>} */ ({
  darwin: 'This is macOS: run mntdata in a Linux virtual machine, for example with Lima (`limactl start`).',
  win32: 'This is Windows: run mntdata inside WSL2 (`wsl --install`).',
});

/**
 * @param {string} platform as `process.platform` tells it
 * @throws {SetupError} when it is not Linux
 */
export function requireLinux(platform) {
  if (platform === 'linux') return;
  throw new SetupError(
    `mntdata needs Linux, because its kernels run in Linux namespaces. ${insteadOfLinux[platform] ?? `This is ${platform}.`}`,
  );
}
