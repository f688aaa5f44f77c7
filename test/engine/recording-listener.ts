import type { Display, ExecutionListener, PythonError } from '../../src/execution/engine/kernel.js';

/** Keeps what a kernel tells, in order, and lets a test wait for a text on stdout. */
export class RecordingListener implements ExecutionListener {
  readonly events: string[] = [];
  readonly displays: Display[] = [];
  readonly errors: PythonError[] = [];
  out = '';
  err = '';
  readonly #waiting: { text: string; resolve: () => void }[] = [];

  started(): void {
    this.events.push('started');
  }

  stdout(text: string): void {
    this.events.push('stdout');
    this.out += text;
    for (const waiter of this.#waiting.filter((each) => this.out.includes(each.text))) waiter.resolve();
  }

  stderr(text: string): void {
    this.events.push('stderr');
    this.err += text;
  }

  display(display: Display): void {
    this.events.push(display.update ? 'update' : 'display');
    this.displays.push(display);
  }

  result(display: Display): void {
    this.events.push('result');
    this.displays.push(display);
  }

  error(error: PythonError): void {
    this.events.push('error');
    this.errors.push(error);
  }

  clearOutput(wait: boolean): void {
    this.events.push(wait ? 'clear later' : 'clear');
  }

  outputLost(): void {
    this.events.push('lost');
  }

  /** Resolves when stdout has `text`. */
  async printed(text: string): Promise<void> {
    if (this.out.includes(text)) return;
    await new Promise<void>((resolve) => this.#waiting.push({ text, resolve }));
  }
}
