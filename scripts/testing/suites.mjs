import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runJest } from './jest.mjs';
import { notInContainers } from './not-in-containers.mjs';
import { crashed, nothing } from './outcome.mjs';
import { runPytest } from './pytest.mjs';

/**
 * @typedef {object} Tools
 * @property {string} python interpreter of the environment
 * @property {string} pythonTools where pytest is
 */

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {(filters: readonly string[], tools: Tools, reportFile: string) => Promise<import('./outcome.mjs').Outcome>} run
 */

/**
 * @typedef {{files: string, options: readonly string[], env: NodeJS.ProcessEnv, minutes?: number}} JestSuite as for
 *   `runJest`
 */

/** These start kernels, servers and databases, on machines that are busy with something else. */
const withProcesses = ['--runInBand', '--testTimeout=60000'];

/** What only kernels, their output, the set-up or stored bytes are tried with is the same on every database. */
const sameOnEveryDatabase = [
  'bombs|engine|limits|paths|start|streams|runs/ready-kernels',
  'downloads/archive|downloads/content-response|storage/disk-artifact-store|storage/s3-artifact-store',
].map((paths) => `--testPathIgnorePatterns=/test/(${paths})[/.]`);

/** Several API processes on one database: they need a server. */
const severalProcesses = '\\.processes-spec\\.ts$';

const pythonPrefix = 'src/kernel-runtime';

/**
 * Quick ones first: the earlier a suite fails, the less was waited for.
 * @param {NodeJS.ProcessEnv} env `TEST_DATABASE_URL` adds a run of the end-to-end suite on that Postgres, and the suite of several processes; `SOAK` leaves
 *   only those tests that are worth hours, at their full size
 * @returns {Suite[]}
 */
export function allSuites(env) {
  if (env.SOAK) return soakSuites(env);
  return [
    jestSuite('unit', { files: '\\.spec\\.(ts|mjs)$', options: [], env }),
    {
      name: 'python',
      run: async (filters, tools, reportFile) => await python(env, filters, tools, reportFile),
    },
    jestSuite('kernel', { files: '\\.kernel-spec\\.ts$', options: withProcesses, env }),
    ...endToEndSuites({ options: withProcesses, env }),
  ];
}

/**
 * The image, and the end-to-end suites with every service in a container of it.
 * @param {NodeJS.ProcessEnv} env as for `allSuites`; `TEST_SERVICE_IMAGE` names the image
 * @returns {Suite[]}
 */
export function containerSuites(env) {
  const leftOut = Object.keys(notInContainers).map((path) => `--testPathIgnorePatterns=/${path}[/.]`);
  const minutes = 60;
  return [
    jestSuite('image', { files: '\\.container-spec\\.ts$', options: ['--runInBand'], env, minutes }),
    ...endToEndSuites({ options: [...withProcesses, ...leftOut], env, minutes }),
  ];
}

/**
 * On the embedded database, and on a Postgres if there is one.
 * @param {Omit<JestSuite, 'files'>} how
 * @returns {Suite[]}
 */
function endToEndSuites(how) {
  const { TEST_DATABASE_URL: postgres, ...embedded } = how.env;
  const endToEnd = { ...how, files: '\\.e2e-spec\\.ts$' };
  return [
    jestSuite('e2e', { ...endToEnd, env: embedded }),
    ...(postgres
      ? [
          jestSuite('e2e-postgres', { ...endToEnd, options: [...how.options, ...sameOnEveryDatabase] }),
          jestSuite('processes', { ...how, files: severalProcesses }),
        ]
      : []),
  ];
}

/**
 * Races, bombs and loads, crashes; each test says for itself how much it takes on.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Suite[]}
 */
function soakSuites(env) {
  const races = { ...env, MNTDATA_TEST_RACE_ROUNDS: '20000' };
  const hostile = `${pythonPrefix}/tests/workspace_helper/test_hostile_content.py`;
  return [
    {
      name: 'races',
      run: async (_filters, tools, reportFile) => await python(races, [hostile], tools, reportFile),
    },
    jestSuite('loads', {
      files:
        '/test/(bombs/.*|limits/cross-talk|paths/twin-kernels|streams/(many-clients|http))\\.(e2e|kernel)-spec\\.ts$',
      options: withProcesses,
      env,
      minutes: 60,
    }),
    jestSuite('crashes', {
      files: '/test/crash/.*\\.e2e-spec\\.ts$',
      options: withProcesses,
      env,
      minutes: 240,
    }),
    ...(env.TEST_DATABASE_URL
      ? [jestSuite('processes', { files: severalProcesses, options: withProcesses, env, minutes: 120 })]
      : []),
  ];
}

/**
 * @param {readonly string[]} args names of suites, and paths or parts of paths
 * @param {readonly Suite[]} suites
 * @returns {{chosen: Suite[], filters: string[]}} without a name, all suites
 */
export function choose(args, suites) {
  const names = suites.map(({ name }) => name);
  const filters = args.filter((arg) => !names.includes(arg));
  const chosen = suites.filter(({ name }) => args.includes(name));
  return { chosen: chosen.length > 0 ? chosen : [...suites], filters };
}

/**
 * Without filters a suite in which nothing ran is a failure: it was not found.
 * @param {Suite} suite
 * @param {readonly string[]} filters
 * @param {Tools} tools
 * @returns {Promise<import('./outcome.mjs').Outcome>}
 */
export async function runSuite(suite, filters, tools) {
  const directory = mkdtempSync(join(tmpdir(), 'mntdata-test-'));
  try {
    const outcome = await suite.run(filters, tools, join(directory, 'report'));
    return filters.length === 0 && outcome.passed + outcome.failed === 0 ? crashed : outcome;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * @param {string} name
 * @param {JestSuite} jest
 * @returns {Suite}
 */
function jestSuite(name, jest) {
  return {
    name,
    run: async (filters, _tools, reportFile) => await runJest({ ...jest, filters, reportFile }),
  };
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} filters
 * @param {Tools} tools
 * @param {string} reportFile
 */
async function python(env, filters, { python, pythonTools }, reportFile) {
  const paths = filters.filter((filter) => filter.startsWith(pythonPrefix));
  if (filters.length > 0 && paths.length === 0) return nothing;
  return await runPytest({
    python,
    filters: paths.map((path) => `.${path.slice(pythonPrefix.length)}`),
    env: { ...env, PYTHONPATH: pythonTools, PYTHONDONTWRITEBYTECODE: '1' },
    reportFile,
  });
}
