import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { run } from './command.mjs';
import { fingerprint, fingerprintOfTree } from './fingerprint.mjs';
import { runtimeDirectory, stateDirectory } from './paths.mjs';
import { pip } from './pip.mjs';
import { findInterpreter } from './python.mjs';
import { SetupError } from './setup-error.mjs';

/** @typedef {import('./index.mjs').Context} Context */

/**
 * What an environment was made from. It is written before the first step, with nothing in it, and after each step:
 * an installation that was cut short is known as such, and one of somebody else's is left alone.
 * @typedef {object} Stamp
 * @property {string | null} packages
 * @property {string | null} runtime
 */

const stampName = '.mntdata-installed';

/**
 * Makes the environment of kernels and workspace helper, or brings it up to date. A change of our own package
 * reinstalls only that; any other change makes the environment anew, so that nothing old stays behind.
 * @param {Context} context
 * @returns {Promise<string>} path of its interpreter
 */
export async function ensurePythonEnvironment(context) {
  const directory = context.settings.pythonEnvironment;
  const python = join(directory, 'bin', 'python');
  const stamp = readStamp(directory);
  const runtime = fingerprintOfRuntime();
  const isCurrent = stamp?.packages === (await fingerprintOfPackages(context, python));
  if (isCurrent && stamp.runtime === runtime) return python;

  context.requireAlone(
    `The Python environment ${directory} must be replaced, because what it is made from changed`,
  );
  const packages = isCurrent ? stamp.packages : await makeEnvironment(context, directory, python);
  await context.progress.during('Python package mntdata-runtime', 'installing', async () => {
    writeStamp(directory, { packages, runtime: null });
    await installRuntime(context, python);
    writeStamp(directory, { packages, runtime });
  });
  return python;
}

/**
 * @param {Context} context
 * @param {string} directory
 * @param {string} python
 * @returns {Promise<string | null>} the fingerprint of what was installed
 */
async function makeEnvironment(context, directory, python) {
  const interpreter = await findInterpreter();
  requireOurs(directory);
  await context.progress.during(
    `Python environment ${directory}`,
    `installing with Python ${interpreter.version}`,
    async () => {
      rmSync(directory, { recursive: true, force: true });
      mkdirSync(directory, { recursive: true });
      writeStamp(directory, { packages: null, runtime: null });
      await venv(context, interpreter.path, directory);
      await pip(context, python, ['--require-hashes', '-r', join(runtimeDirectory, 'requirements.txt')]);
      await installExtras(context, python);
    },
  );
  const packages = await fingerprintOfPackages(context, python);
  writeStamp(directory, { packages, runtime: null });
  return packages;
}

/**
 * @param {string} directory
 * @throws {SetupError} when it holds something that set-up did not make: it would be deleted
 */
function requireOurs(directory) {
  if (!existsSync(directory) || readStamp(directory) || readdirSync(directory).length === 0) return;
  throw new SetupError(
    `PYTHON_ENVIRONMENT (${directory}) exists and was not made by mntdata: remove it, or name another directory.`,
  );
}

/**
 * @param {string} directory
 * @returns {Stamp | null} null when set-up did not make the environment
 */
function readStamp(directory) {
  const file = join(directory, stampName);
  if (!existsSync(file)) return null;
  try {
    return /** @type {Stamp} */ (JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return { packages: null, runtime: null }; // cut short while it was written
  }
}

/**
 * @param {string} directory
 * @param {Stamp} stamp
 */
function writeStamp(directory, stamp) {
  writeFileSync(join(directory, stampName), JSON.stringify(stamp));
}

/**
 * @param {Context} context
 * @param {string} python interpreter of the environment: a newer one under the same name changes the fingerprint
 * @returns {Promise<string | null>} null when it does not run
 */
async function fingerprintOfPackages({ settings }, python) {
  const { ok, output } = await run(python, ['-I', '-S', '-c', 'import sys; print(sys.version)'], {
    minutes: 0.5,
  });
  if (!ok) return null;
  const requirements = readFileSync(join(runtimeDirectory, 'requirements.txt'), 'utf8');
  return fingerprint(python, output, requirements, settings.extraRequirements.text);
}

function fingerprintOfRuntime() {
  return fingerprintOfTree(runtimeDirectory, isPackaged);
}

/** @param {string} path */
function isPackaged(path) {
  return (
    /^(pyproject\.toml$|mntdata_runtime(\/|$))/.test(path) &&
    !/(^|\/)__pycache__$|\.pyc$|\.egg-info$/.test(path)
  );
}

/**
 * @param {Context} context
 * @param {string} interpreter
 * @param {string} directory
 */
async function venv({ lock }, interpreter, directory) {
  const { ok, output } = await run(interpreter, ['-I', '-m', 'venv', directory], {
    minutes: 5,
    heldOpen: lock.descriptor,
  });
  if (!ok)
    throw new SetupError(`The Python environment ${directory} could not be made:\n${output.trimEnd()}`);
}

/**
 * The admin's packages must fit those that the service was tried with: the installed versions are constraints.
 * @param {Context} context
 * @param {string} python
 */
async function installExtras(context, python) {
  const { specifiers, file, text } = context.settings.extraRequirements;
  if (text === '') return;
  const { output } = await run(python, ['-I', '-m', 'pip', 'freeze', '--all'], { minutes: 2 });
  const constraints = join(stateDirectory, 'constraints.txt');
  writeFileSync(constraints, output);
  await pip(
    context,
    python,
    ['-c', constraints, ...(file ? ['-r', file] : specifiers)],
    'EXTRA_REQUIREMENTS',
  );
}

/**
 * From a copy: setuptools builds beside its sources, and would pack what an earlier build left there.
 * @param {Context} context
 * @param {string} python
 */
async function installRuntime(context, python) {
  const copy = mkdtempSync(join(stateDirectory, 'runtime-'));
  try {
    cpSync(runtimeDirectory, copy, {
      recursive: true,
      filter: (source) =>
        source === runtimeDirectory || isPackaged(source.slice(runtimeDirectory.length + 1)),
    });
    await pip(context, python, ['--no-deps', '--no-build-isolation', '--force-reinstall', copy]);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
