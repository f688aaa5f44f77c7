import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint } from './fingerprint.mjs';
import { root, runtimeDirectory, stateDirectory } from './paths.mjs';
import { pip } from './pip.mjs';

/** @typedef {import('./index.mjs').Context} Context */

/**
 * Installs pytest and ruff.
 * @param {Context} context
 * @param {string} python interpreter of the environment, which runs them
 */
export async function ensurePythonTools(context, python) {
  const requirements = join(runtimeDirectory, 'requirements-dev.txt');
  return await ensureTools(context, python, {
    what: 'Python test tools',
    place: 'python-tools',
    requirements,
  });
}

/**
 * Installs what looks at the files of `docker`: hadolint and the schemas of Compose and Kubernetes.
 * @param {Context} context
 * @param {string} python interpreter of the environment, which runs them
 */
export async function ensureDockerTools(context, python) {
  const requirements = join(root, 'docker', 'checks', 'requirements.txt');
  return await ensureTools(context, python, { what: 'Docker checks', place: 'docker-tools', requirements });
}

/**
 * Beside the environment of the kernels, not into it: kernels show what is installed there.
 * @param {Context} context
 * @param {string} python
 * @param {{what: string, place: string, requirements: string}} tools
 * @returns {Promise<string>} the directory to put on PYTHONPATH; its `bin` has the programs
 */
async function ensureTools(context, python, { what, place, requirements }) {
  const tools = join(stateDirectory, place);
  const directory = join(tools, fingerprint(readFileSync(requirements, 'utf8'), python));
  if (existsSync(directory)) return directory;
  await context.progress.during(what, 'installing', async () => {
    mkdirSync(tools, { recursive: true });
    const unfinished = join(tools, '.unfinished');
    rmSync(unfinished, { recursive: true, force: true });
    await pip(context, python, ['--require-hashes', '-r', requirements, '--target', unfinished]);
    for (const old of readdirSync(tools)) {
      if (old !== '.unfinished') rmSync(join(tools, old), { recursive: true, force: true });
    }
    renameSync(unfinished, directory);
  });
  return directory;
}
