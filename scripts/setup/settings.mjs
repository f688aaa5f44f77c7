import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { SetupError } from './setup-error.mjs';

/**
 * The few settings that decide what must be set up. src/config reads and checks all of them again once the
 * service starts: this runs before a single package is installed.
 * @typedef {object} SetupSettings
 * @property {string} pythonEnvironment directory, absolute
 * @property {ExtraRequirements} extraRequirements
 * @property {boolean} sandbox whether kernels of this machine run in rooms
 * @property {boolean} remoteEngine whether the service uses an engine that it does not start
 */

/**
 * What the admin adds to the Python environment.
 * @typedef {{specifiers: readonly string[], file: string | null, text: string}} ExtraRequirements
 */

/**
 * @param {string} root the directory of package.json, where `.env` lies and from which paths count
 * @param {NodeJS.ProcessEnv} environment wins over `.env`, also with an empty value, which means "not set"
 * @returns {SetupSettings}
 */
export function readSettings(root, environment) {
  const values = { ...readFile(join(root, '.env')), ...environment };
  /** @param {string} key */
  const value = (key) => values[key]?.trim() ?? '';
  return {
    pythonEnvironment: resolve(root, value('PYTHON_ENVIRONMENT') || '.venv'),
    extraRequirements: readExtraRequirements(root, value('EXTRA_REQUIREMENTS')),
    sandbox: value('SANDBOX') !== 'off',
    remoteEngine: value('JUPYTER_URL') !== '',
  };
}

/**
 * @param {string} file
 * @returns {NodeJS.Dict<string>}
 */
function readFile(file) {
  return existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
}

/**
 * @param {string} root
 * @param {string} value specifiers separated by white space, or the path of one requirements file
 * @returns {ExtraRequirements}
 */
function readExtraRequirements(root, value) {
  if (value === '') return { specifiers: [], file: null, text: '' };
  const file = resolve(root, value);
  if (existsSync(file)) return { specifiers: [], file, text: readFileSync(file, 'utf8') };
  const specifiers = value.split(/\s+/);
  const strange = specifiers.find((specifier) => !/^[A-Za-z0-9]/.test(specifier));
  if (strange !== undefined) {
    throw new SetupError(
      `EXTRA_REQUIREMENTS holds ${JSON.stringify(strange)}, which is neither a requirement nor a file that exists: ` +
        'name packages separated by spaces, or one requirements file.',
    );
  }
  return { specifiers, file: null, text: specifiers.join('\n') };
}
