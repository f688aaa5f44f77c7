import { run } from './command.mjs';

/**
 * Installs a Debian package, as root.
 * @param {string} name
 * @returns {Promise<import('./command.mjs').Outcome>}
 */
export async function installWithApt(name) {
  const install = ['install', '-y', '--no-install-recommends', name];
  const options = { minutes: 10, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const first = await run('apt-get', install, options);
  if (first.ok) return first;
  await run('apt-get', ['update'], options); // a fresh machine has no package lists
  return await run('apt-get', install, options);
}
