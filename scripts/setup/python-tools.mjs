import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint } from './fingerprint.mjs';
import { runtimeDirectory, stateDirectory } from './paths.mjs';
import { pip } from './pip.mjs';

/** @typedef {import('./index.mjs').Context} Context */

/**
 * Installs pytest and ruff beside the environment of the kernels, not into it: kernels show what is installed there.
 * @param {Context} context
 * @param {string} python interpreter of the environment, which runs them
 * @returns {Promise<string>} the directory to put on PYTHONPATH; its `bin` has the programs
 */
export async function ensurePythonTools(context, python) {
  const requirements = join(runtimeDirectory, 'requirements-dev.txt');
  const tools = join(stateDirectory, 'python-tools');
  const directory = join(tools, fingerprint(readFileSync(requirements, 'utf8'), python));
  if (existsSync(directory)) return directory;
  await context.progress.during('Python test tools', 'installing', async () => {
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
