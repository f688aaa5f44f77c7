import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

/** The commands that install packages, by the ID or ID_LIKE of /etc/os-release. */
const installers = /** @type {const} */ ([
  ['debian', 'apt-get install'],
  ['ubuntu', 'apt-get install'],
  ['fedora', 'dnf install'],
  ['rhel', 'dnf install'],
  ['suse', 'zypper install'],
  ['arch', 'pacman -S'],
  ['alpine', 'apk add'],
]);

/**
 * @param {string} osRelease the text of /etc/os-release
 * @returns {string | null} the command of this distribution that installs the packages named after it
 */
export function packageInstaller(osRelease) {
  const { ID = '', ID_LIKE = '' } = parseEnv(osRelease);
  const families = [ID, ...ID_LIKE.split(' ')];
  return installers.find(([family]) => families.includes(family))?.[1] ?? null;
}

/**
 * How this user installs something on this machine.
 * @typedef {object} Installation
 * @property {string | null} installer
 * @property {boolean} root
 */

/** @returns {Installation} */
export function installationHere() {
  const osRelease = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return { installer: packageInstaller(osRelease), root: process.getuid?.() === 0 };
}

/**
 * @param {string} packages separated by spaces, by their Debian names
 * @param {Installation} installation
 * @returns {string} what the user has to do, to be followed by "and start again"
 */
export function howToInstall(packages, { installer, root }) {
  if (installer === null) return `install ${packages} with your package manager`;
  return `run \`${root ? '' : 'sudo '}${installer} ${packages}\``;
}
