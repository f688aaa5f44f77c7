import { spawn } from 'node:child_process';
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { StartError } from '../errors/index.js';

const TRY_DEADLINE_MS = 10_000;
const LOCK_DESCRIPTOR = 3;
/** Exit status that tells that the lock is taken. */
const TAKEN = 1;

/** A program, with its arguments, that takes a lock on the descriptor it inherits; Node itself cannot. */
export type Locker = readonly [program: string, ...args: string[]];

export const LOCKERS: readonly Locker[] = [
  ['flock', '-x', '-n', String(LOCK_DESCRIPTOR)],
  ['python3', '-I', '-c', pythonLocker()],
];

/** Another process holds the lock, here or in another container. */
export class FileLockedError extends StartError {
  constructor(
    readonly path: string,
    readonly holder: string,
  ) {
    super(`${path} is locked by ${holder}: stop that, or set DATA_DIR to another directory.`);
    this.name = FileLockedError.name;
  }
}

/**
 * An exclusive lock that ends with the process that holds it, however it ends. It is a flock(2) on a file:
 * such a lock belongs to the open file, not to the process that asked for it, so a helper program takes it on
 * our descriptor and may then exit. It works across PID namespaces on one kernel. The file stays.
 */
export class FileLock {
  private constructor(private descriptor: number | null) {}

  /**
   * @throws FileLockedError naming the holder
   * @throws Error when the file cannot be opened, its file system has no locks, or no program can take one
   */
  static async acquire(path: string, lockers = LOCKERS): Promise<FileLock> {
    const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      if (!(await lock(descriptor, path, lockers))) throw new FileLockedError(path, holderOf(path));
      ftruncateSync(descriptor);
      writeSync(descriptor, `process ${String(process.pid)} on ${hostname()}\n`, 0);
      return new FileLock(descriptor);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  /** Gives the lock back; a second time does nothing. */
  release(): void {
    if (this.descriptor === null) return;
    closeSync(this.descriptor);
    this.descriptor = null;
  }
}

async function lock(descriptor: number, path: string, lockers: readonly Locker[]): Promise<boolean> {
  for (const [program, ...args] of lockers) {
    const outcome = await run(program, args, descriptor);
    if (outcome === null) continue;
    if (outcome.status === 0) return true;
    if (outcome.status === TAKEN) return false;
    throw new StartError(`${path} cannot be locked: ${outcome.stderr.trim() || `${program} failed`}.`);
  }
  const programs = lockers.map(([program]) => program).join(' or ');
  throw new StartError(`${path} cannot be locked: install ${programs} (package util-linux has flock).`);
}

/** Runs a program to its end with the descriptor as its third; null when there is no such program. */
function run(
  program: string,
  args: string[],
  descriptor: number,
): Promise<{ status: number | null; stderr: string } | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'pipe', descriptor],
      signal: AbortSignal.timeout(TRY_DEADLINE_MS),
      killSignal: 'SIGKILL',
    });
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve(null);
      else reject(error);
    });
    child.once('close', (status) => {
      resolve({ status, stderr });
    });
  });
}

function holderOf(path: string): string {
  return readFileSync(path, 'utf8').trim() || 'a process that is just starting';
}

function pythonLocker(): string {
  return [
    'import fcntl, sys',
    'try:',
    `    fcntl.flock(${String(LOCK_DESCRIPTOR)}, fcntl.LOCK_EX | fcntl.LOCK_NB)`,
    'except BlockingIOError:',
    `    sys.exit(${String(TAKEN)})`,
    'except OSError as error:',
    '    print(error, file=sys.stderr)',
    '    sys.exit(2)',
  ].join('\n');
}
