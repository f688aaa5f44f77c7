import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuild, removeOldBuilds } from './build.mjs';
import { ensureChromium } from './chromium.mjs';
import { readFinished } from './finished.mjs';
import { Instances } from './instances.mjs';
import { lockAfterOthers } from './lock.mjs';
import { ensureNpmPackages } from './npm-packages.mjs';
import { ensurePanel } from './panel.mjs';
import { buildsDirectory, root, stateDirectory } from './paths.mjs';
import { Progress } from './progress.mjs';
import { ensurePythonEnvironment } from './python-environment.mjs';
import { ensureDockerTools, ensurePythonTools } from './python-tools.mjs';
import { ensureBubblewrap, proveRooms } from './rooms.mjs';
import { readSettings } from './settings.mjs';
import { SetupError } from './setup-error.mjs';

export { SetupError } from './setup-error.mjs';
export { root } from './paths.mjs';

/**
 * What a caller needs. Each part is brought up to date, and only when something it is made from changed.
 * @typedef {object} Needs
 * @property {string} command what the user typed, for those who are told to wait for it or to stop it
 * @property {boolean} [build] the compiled service
 * @property {boolean} [panel] the built browser side
 * @property {boolean} [chromium] the browser of the browser tests
 * @property {boolean} [python] the Python environment of kernels and workspace helper
 * @property {boolean} [rooms] a sandbox that works, unless the settings do without
 * @property {boolean} [ownEngine] kernels run here even though JUPYTER_URL is set: for other processes
 * @property {boolean} [pythonTools] pytest and ruff
 * @property {boolean} [dockerTools] what looks at the files of `docker`
 */

/**
 * What the steps share.
 * @typedef {object} Context
 * @property {string} root
 * @property {import('./settings.mjs').SetupSettings} settings
 * @property {Progress} progress
 * @property {import('./lock.mjs').Lock} lock kept open by whatever writes, so that it outlives us if we are killed
 * @property {(change: string) => void} requireAlone throws when another process uses what is about to be replaced
 */

/**
 * @typedef {object} Setup
 * @property {string} build directory of the compiled service; empty when not asked for
 * @property {string} python interpreter; empty when not asked for
 * @property {string} chromium program; empty when not asked for
 * @property {string} pythonTools directory for PYTHONPATH; empty when not asked for
 * @property {string} dockerTools the same for what looks at the files of `docker`
 */

/**
 * Sets up this checkout. One process does so at a time, others wait; from its end until this process ends, nobody
 * replaces what it was given.
 * @param {Needs} needs
 * @returns {Promise<Setup>}
 * @throws {SetupError} in one sentence for the user
 */
export async function ensureSetup(needs) {
  const finished = readFinished();
  if (finished) {
    if (wantsRooms(needs, readSettings(root, process.env))) await proveRooms(finished.python);
    return { ...finished, chromium: '', pythonTools: '', dockerTools: '' };
  }
  const progress = new Progress(process.stdout);
  const lock = await lockSetup(needs.command, progress);
  try {
    const instances = new Instances(join(stateDirectory, 'running'));
    const running = instances.list();
    const context = {
      root,
      settings: readSettings(root, process.env),
      progress,
      lock,
      requireAlone: (/** @type {string} */ change) => refuseWhileRunning(change, running),
    };
    const { setup, build } = await bringUpToDate(context, needs);
    instances.add({ pid: process.pid, command: needs.command, build });
    if (build) removeOldBuilds(build, running);
    progress.say(`mntdata is set up (${progress.seconds.toFixed(1)} s).`);
    return setup;
  } finally {
    lock.release();
  }
}

/**
 * @param {Context} context
 * @param {Needs} needs
 * @returns {Promise<{setup: Setup, build: string | null}>}
 */
async function bringUpToDate(context, needs) {
  const rooms = wantsRooms(needs, context.settings);
  // First what a person may have to install, then what takes minutes to download.
  if (rooms) await ensureBubblewrap(context);
  const chromium = needs.chromium ? await ensureChromium(context) : '';
  const [python] = await allDone([ensurePython(context, needs, rooms), ensureNpmPackages(context)]);
  const build = needs.build ? await ensureBuild(context) : null;
  if (needs.panel) await ensurePanel(context);
  return {
    setup: { ...python, chromium, build: build ? join(buildsDirectory, build) : '' },
    build,
  };
}

/**
 * @param {Context} context
 * @param {Needs} needs
 * @param {boolean} rooms to be tried
 */
async function ensurePython(context, needs, rooms) {
  const python = needs.python ? await ensurePythonEnvironment(context) : '';
  const pythonTools = needs.pythonTools ? await ensurePythonTools(context, python) : '';
  const dockerTools = needs.dockerTools ? await ensureDockerTools(context, python) : '';
  if (rooms) await proveRooms(python);
  return { python, pythonTools, dockerTools };
}

/**
 * As `Promise.all`, but waits for the others when one fails: what installs must not go on behind an error.
 * @template {readonly unknown[]} T
 * @param {T} works
 * @returns {Promise<{-readonly [K in keyof T]: Awaited<T[K]>}>}
 */
async function allDone(works) {
  await Promise.allSettled(works);
  return await Promise.all(works);
}

/**
 * @param {Needs} needs
 * @param {import('./settings.mjs').SetupSettings} settings
 */
function wantsRooms(needs, { sandbox, remoteEngine }) {
  return Boolean(needs.rooms) && sandbox && (Boolean(needs.ownEngine) || !remoteEngine);
}

/**
 * @param {string} command
 * @param {Progress} progress
 */
async function lockSetup(command, progress) {
  try {
    mkdirSync(stateDirectory, { recursive: true });
    return await lockAfterOthers(
      join(stateDirectory, 'lock'),
      (holder) =>
        progress.say(`Another set-up of this checkout is at work (${holder}); waiting for its end ...`),
      `${command}, pid ${process.pid}`,
    );
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      ['EACCES', 'EROFS', 'EPERM'].includes(String(error.code))
    ) {
      throw new SetupError(
        `${root} cannot be written by this user: start as its owner, or clone the repository for this user.`,
      );
    }
    throw error;
  }
}

/**
 * @param {string} change
 * @param {readonly import('./instances.mjs').Instance[]} running
 */
function refuseWhileRunning(change, running) {
  if (running.length === 0) return;
  const who = running.map(({ command, pid }) => `${command}, pid ${pid}`).join('; ');
  throw new SetupError(`${change}, but this checkout is in use (${who}): stop it and start again.`);
}
