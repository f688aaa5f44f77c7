import { withoutAnsi } from '../../output/ansi.js';
import type { Display, ExecutionListener, LeftOutput, PythonError } from '../kernel.js';
import type { PathStream } from './path-stream.js';
import type { PathTranslation } from './path-translation.js';

/** Passes on what one execution shows, with `/mnt/data` for the name that the kernel has for it. */
export class TranslatedOutput implements ExecutionListener {
  readonly #stdout: PathStream;
  readonly #stderr: PathStream;

  constructor(
    private readonly listener: ExecutionListener,
    private readonly paths: PathTranslation,
  ) {
    this.#stdout = paths.stream();
    this.#stderr = paths.stream();
  }

  started(): void {
    this.listener.started();
  }

  stdout(text: string): void {
    this.#tellStdout(this.#stdout.push(text));
  }

  stderr(text: string): void {
    this.#tellStderr(this.#stderr.push(text));
  }

  display(display: Display): void {
    this.listener.display(this.#translated(display));
  }

  result(display: Display): void {
    this.listener.result(this.#translated(display));
  }

  error(error: PythonError): void {
    this.listener.error(translatedError(error, this.paths));
  }

  clearOutput(wait: boolean): void {
    this.flush();
    this.listener.clearOutput(wait);
  }

  outputLost(): void {
    this.flush();
    this.listener.outputLost();
  }

  leftOut(flood: LeftOutput): void {
    this.flush();
    this.listener.leftOut?.(flood);
  }

  /** Nothing follows: what seemed to be the start of a path is none. */
  flush(): void {
    this.#tellStdout(this.#stdout.end());
    this.#tellStderr(this.#stderr.end());
  }

  #tellStdout(text: string): void {
    if (text !== '') this.listener.stdout(text);
  }

  #tellStderr(text: string): void {
    if (text !== '') this.listener.stderr(text);
  }

  #translated(display: Display): Display {
    return { ...display, data: this.paths.bundle(display.data) };
  }
}

/** The traceback shows lines of code as the kernel ran them, and colours that can cut a path anywhere. */
export function translatedError(error: PythonError, paths: PathTranslation): PythonError {
  const traceback = paths.stream();
  return {
    name: paths.text(error.name),
    value: paths.text(withoutAnsi(error.value)),
    traceback: error.traceback.map((lines) => traceback.push(`${withoutAnsi(lines)}\n`).slice(0, -1)),
  };
}
