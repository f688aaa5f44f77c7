import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { BoundedLines } from './bounded-lines.js';

/** A program that serves Jupyter's REST API, and tells where in one line on its standard output. */
export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** All of its environment: nothing of ours is passed on. */
  readonly environment: Readonly<Record<string, string>>;
}

const LINE_LENGTH = 2000;
const LINES_KEPT = 20;
const TERMINATE_AFTER_MS = 8_000;
const KILL_AFTER_MS = 12_000;

/**
 * The managed server's process. It leads a session of its own, so that a Ctrl-C meant for us does not reach it,
 * and holds a pipe of ours as lifeline: when we end, in whatever way, its standard input closes and it ends too.
 */
export class ServerProcess {
  /** Settles when the process ended, with a sentence that says how. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lastLines: string[] = [];
  #gone = false;

  constructor(
    command: ServerCommand,
    private readonly log: (line: string) => void,
  ) {
    this.#child = spawn(command.program, command.args, {
      cwd: '/',
      detached: true,
      env: { ...command.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // A server that is gone is heard of by its end; writing to it must not end us.
    this.#child.stdin.on('error', () => undefined);
    this.#readLines(this.#child.stderr, (line) => {
      this.#keep(line);
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(`it could not be run: ${error.message}`));
      this.#child.once('exit', (code, signal) => {
        this.#signalGroup('SIGKILL');
        this.#gone = true;
        resolve(signal ? `it was ended by ${signal}` : `it exited with code ${String(code)}`);
      });
    });
  }

  /** What it last said on standard error; for the log of an admin. */
  get lastLines(): string {
    return this.#lastLines.join('\n');
  }

  /** Its address, as soon as it is ready. @throws Error when it ends before, or the signal's reason. */
  async ready(signal: AbortSignal): Promise<string> {
    return await new Promise((resolve, reject) => {
      const giveUp = (): void => reject(signal.reason as Error);
      if (signal.aborted) giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      void this.ended.then((how) => reject(new Error(`The managed Jupyter server did not start: ${how}.`)));
      this.#readLines(this.#child.stdout, (line) => {
        const url = readyUrl(line);
        if (url === null) {
          this.#keep(line);
          return;
        }
        signal.removeEventListener('abort', giveUp);
        resolve(url);
      });
    });
  }

  /** Asks it to end itself and its kernels, insists after a while, and resolves when it is gone. */
  async stop(): Promise<void> {
    this.#child.stdin.end();
    const terminate = setTimeout(() => this.#signalGroup('SIGTERM'), TERMINATE_AFTER_MS);
    const kill = setTimeout(() => this.#signalGroup('SIGKILL'), KILL_AFTER_MS);
    try {
      await this.ended;
    } finally {
      clearTimeout(terminate);
      clearTimeout(kill);
    }
  }

  /** Ends it at once, for a server that does not answer any more. */
  kill(): void {
    this.#signalGroup('SIGKILL');
  }

  #readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
    const lines = new BoundedLines(LINE_LENGTH, onLine);
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => lines.push(text));
    stream.on('end', () => lines.end());
  }

  #keep(line: string): void {
    this.log(line);
    this.#lastLines.push(line);
    if (this.#lastLines.length > LINES_KEPT) this.#lastLines.shift();
  }

  #signalGroup(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    // Its number may belong to someone else soon after the end.
    if (pid === undefined || this.#gone) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The whole group is gone already.
    }
  }
}

function readyUrl(line: string): string | null {
  try {
    const message = JSON.parse(line) as { event?: unknown; url?: unknown } | null;
    return message?.event === 'ready' && typeof message.url === 'string' ? message.url : null;
  } catch {
    return null;
  }
}
