import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { constants as system } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {number} minutes the deadline; the program is killed when it passes
 * @property {number} [heldOpen] a descriptor that the program keeps open to its end, such as that of a lock
 * @property {AbortSignal} [signal] kills it when it fires
 * @property {boolean} [shown] its output goes to our own instead of being kept
 */

/**
 * @typedef {object} Outcome
 * @property {boolean} ok it ended by itself with 0
 * @property {number | null} code what it ended with; null when it could not start or was killed
 * @property {string} output what it wrote to both streams, the last MiB of it
 */

const keptCharacters = 1 << 20;
const forwarded = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * Runs a program to its end, in a process group of its own: whatever ends it early ends its children too. A signal
 * that asks us to end is handed on, and we end when the program did.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {RunOptions} options
 * @returns {Promise<Outcome>} also when it cannot be started: then the output says why
 */
export async function run(program, args, options) {
  return await new Promise((resolve) => {
    const stream = options.shown ? 'inherit' : 'pipe';
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ['ignore', stream, stream, ...(options.heldOpen === undefined ? [] : [options.heldOpen])],
    });
    let output = '';
    /** @param {Buffer} chunk */
    const keep = (chunk) => (output = (output + chunk.toString()).slice(-keptCharacters));
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    const leaveAlone = endEarly(child, options);
    child.on('error', (error) => {
      leaveAlone();
      resolve({ ok: false, code: null, output: error.message });
    });
    child.on('close', (code) => {
      leaveAlone();
      resolve({ ok: code === 0, code, output });
    });
  });
}

/**
 * Ends the group of a child at its deadline, when the caller says so, or when we are to end.
 * @param {import('node:child_process').ChildProcess} child
 * @param {RunOptions} options
 * @returns {() => void} to be called when the child has ended
 */
function endEarly(child, { minutes, signal: aborted }) {
  /** @param {NodeJS.Signals} signal */
  const killGroup = (signal) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // It ended in this moment.
    }
  };
  const kill = () => killGroup('SIGKILL');
  const handlers = forwarded.map((signal) => {
    const handler = () => {
      child.once('close', () => process.exit(128 + system.signals[signal]));
      killGroup(signal);
    };
    process.once(signal, handler);
    return { signal, handler };
  });
  const deadline = setTimeout(kill, minutes * 60_000);
  aborted?.addEventListener('abort', kill);
  return () => {
    clearTimeout(deadline);
    aborted?.removeEventListener('abort', kill);
    for (const { signal, handler } of handlers) process.removeListener(signal, handler);
  };
}

/**
 * @param {string} program
 * @returns {string | null} where PATH has it
 */
export function which(program) {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(directory, program);
    if (isExecutable(path)) return path;
  }
  return null;
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} output
 * @returns {boolean} whether a package manager failed because it reached no server
 */
export function tellsOfNetwork(output) {
  return /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|NewConnectionError|ConnectTimeoutError|ReadTimeoutError|ProxyError|NameResolutionError|Temporary failure (in name resolution|resolving)|Failed to establish a new connection/.test(
    output,
  );
}
