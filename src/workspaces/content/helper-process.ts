import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Lines } from './lines.js';

/** How a helper is run. */
export interface HelperCommand {
  program: string;
  args: readonly string[];
  /** Takes what the helper writes on standard error, and what happens to it. */
  log: (text: string) => void;
}

/** One helper process: lines in, lines out, one end. */
export class HelperProcess {
  /** Resolves, never rejects, once the process is gone, with how. */
  readonly ended: Promise<string>;
  private readonly child: ChildProcessWithoutNullStreams;
  private turn: Promise<void> = Promise.resolve();

  constructor(command: HelperCommand, onLine: (line: string) => void) {
    // The helper needs nothing of our environment, and what is not there cannot leak.
    this.child = spawn(command.program, command.args, { env: { LC_ALL: 'C.UTF-8' }, stdio: 'pipe' });
    const lines = new Lines(onLine);
    this.child.stdout.on('data', (chunk: Buffer) => lines.push(chunk));
    this.child.stderr.setEncoding('utf8').on('data', command.log);
    this.child.stdin.on('error', () => undefined); // the helper is gone: `ended` tells
    this.ended = new Promise((resolve) => {
      this.child.once('error', (error) => resolve(error.message));
      this.child.once('close', (code, signal) => resolve(signal ?? `exit status ${String(code)}`));
    });
  }

  /** Writes a line after those before it, no faster than the helper reads. */
  send(line: string): void {
    this.turn = this.turn.then(() => this.write(line));
  }

  /** Closes the helper's lifeline and waits for its end; kills it when that takes longer than `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.child.stdin.end();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), graceMs);
    await this.ended;
    clearTimeout(timer);
  }

  private async write(line: string): Promise<void> {
    const { stdin } = this.child;
    if (!stdin.writable || stdin.write(`${line}\n`)) return;
    await new Promise<void>((resolve) => {
      stdin.once('drain', resolve);
      void this.ended.then(() => resolve());
    });
  }
}
