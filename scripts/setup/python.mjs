import { run, which } from './command.mjs';
import { howToInstall, installationHere } from './machine.mjs';
import { SetupError } from './setup-error.mjs';
import { isAtLeast, minimalPython } from './version.mjs';

/** Newest last: what the distribution calls python3 is what it supports best. */
export const interpreterNames = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11'];

const describe = `
import sys
print("%d.%d.%d" % sys.version_info[:3])
try:
    import ensurepip, venv
except ImportError:
    print("without venv")
`;

/**
 * @typedef {object} Interpreter
 * @property {string} path
 * @property {string} version like `3.11.7`
 * @property {boolean} hasVenv whether it can make environments with pip in them
 */

/**
 * @param {string} path
 * @returns {Promise<Interpreter | null>} null when it does not run
 */
async function examine(path) {
  const { ok, output } = await run(path, ['-I', '-c', describe], { minutes: 0.5 });
  if (!ok) return null;
  const [version = '', trouble] = output.trim().split('\n');
  return { path, version, hasVenv: trouble === undefined };
}

/**
 * @returns {Promise<Interpreter>} the first on PATH that is new enough and can make environments
 * @throws {SetupError} telling what is wrong with the best that was found
 */
export async function findInterpreter() {
  /** @type {Interpreter[]} */
  const found = [];
  for (const name of interpreterNames) {
    const path = which(name);
    const interpreter = path ? await examine(path) : null;
    if (interpreter && isAtLeast(interpreter.version, minimalPython) && interpreter.hasVenv)
      return interpreter;
    if (interpreter) found.push(interpreter);
  }
  throw new SetupError(explain(found, installationHere()));
}

/**
 * @param {readonly Interpreter[]} found none of them usable
 * @param {import('./machine.mjs').Installation} installation
 * @returns {string}
 */
export function explain(found, installation) {
  const needed = `mntdata needs Python ${minimalPython.join('.')} or newer`;
  const withoutVenv = found.find(({ version }) => isAtLeast(version, minimalPython));
  if (withoutVenv) {
    const [major, minor] = withoutVenv.version.split('.');
    return (
      `Python ${withoutVenv.version} (${withoutVenv.path}) lacks its venv module: ` +
      `${howToInstall(`python${major}.${minor}-venv`, installation)} and start again.`
    );
  }
  const [old] = found;
  return old
    ? `Python ${old.version} (${old.path}) is too old: ${needed}. Install one beside it, for example python3.11 with ` +
        'python3.11-venv, and start again.'
    : `Python was not found: ${needed}; ${howToInstall('python3 python3-venv', installation)} and start again.`;
}
