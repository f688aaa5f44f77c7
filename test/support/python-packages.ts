import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadConfig, PROJECT_ROOT } from '../../src/config/index.js';

/** The interpreter of the kernels' environment. */
export const PYTHON = join(loadConfig({ env: {}, file: null }).engine.pythonEnvironment, 'bin', 'python');

/**
 * Installs what a test needs of Python beside the environment of the kernels, not in it: kernels show what is
 * installed there.
 *
 * @param name of the directory under `.setup`
 * @returns the directory to put on PYTHONPATH
 */
export async function installedBeside(name: string, requirements: string): Promise<string> {
  const parent = join(PROJECT_ROOT, '.setup', name);
  const fingerprint = createHash('sha256')
    .update(await readFile(requirements))
    .update(PYTHON)
    .digest('hex');
  const directory = join(parent, fingerprint.slice(0, 16));
  if (existsSync(directory)) return directory;
  await mkdir(parent, { recursive: true });
  const unfinished = await mkdtemp(join(parent, '.unfinished-'));
  try {
    const target = ['--target', unfinished, '--require-hashes', '-r', requirements];
    await promisify(execFile)(PYTHON, ['-m', 'pip', 'install', '--disable-pip-version-check', ...target], {
      timeout: 300_000,
      maxBuffer: 64 * 1024 * 1024,
    });
    await rename(unfinished, directory);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return directory;
}
