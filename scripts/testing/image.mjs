import { run } from '../setup/command.mjs';
import { root } from '../setup/paths.mjs';
import { SetupError } from '../setup/setup-error.mjs';

/** Docker, or what understands the same commands. */
export const CONTAINER_TOOL = process.env.CONTAINER_TOOL ?? 'docker';

const built = 'mntdata-under-test';

/**
 * Builds the image for the time of `work`, unless TEST_SERVICE_IMAGE names one that is there, and removes whatever
 * containers of its tests are left after it.
 * @template T
 * @param {(env: NodeJS.ProcessEnv) => Promise<T>} work is given what tests must have in their environment
 * @returns {Promise<T>}
 */
export async function withImage(work) {
  const { TEST_SERVICE_IMAGE = await build(), RUN_OPTIONS = '' } = process.env;
  const label = `mntdata-test=${process.pid}`;
  try {
    return await work({ ...process.env, TEST_SERVICE_IMAGE, RUN_OPTIONS: `${RUN_OPTIONS} --label ${label}` });
  } finally {
    const { output } = await tool(['ps', '--all', '--quiet', '--filter', `label=${label}`]);
    for (const container of output.split('\n').filter(Boolean)) await tool(['rm', '--force', container]);
  }
}

/** @returns {Promise<string>} its name */
async function build() {
  const { BASE_IMAGE, EXTRA_REQUIREMENTS, BUILD_OPTIONS = '' } = process.env;
  const args = Object.entries({ BASE_IMAGE, EXTRA_REQUIREMENTS })
    .filter(([, value]) => value)
    .flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const more = BUILD_OPTIONS.split(' ').filter(Boolean);
  const where = ['--file', 'docker/Dockerfile', '--tag', built, '.'];
  const { ok } = await tool(['build', ...args, ...more, ...where], { shown: true });
  if (!ok) throw new SetupError('The image could not be built: read what is above.');
  return built;
}

/**
 * @param {readonly string[]} args
 * @param {{shown?: boolean}} [options]
 */
async function tool(args, options) {
  return await run(CONTAINER_TOOL, args, { cwd: root, env: process.env, minutes: 30, ...options });
}
