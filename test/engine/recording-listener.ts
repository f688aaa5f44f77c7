import type { Display, ExecutionListener, PythonError } from '../../src/execution/engine/kernel.js';

/** Keeps what a kernel tells, in order, and lets a test wait for it. */
export class RecordingListener implements ExecutionListener {
  readonly events: string[] = [];
  readonly displays: Display[] = [];
  readonly errors: PythonError[] = [];
  out = '';
  err = '';
  #waiting: { until: () => boolean; resolve: () => void }[] = [];

  started(): void {
    this.#hear('started');
  }

  stdout(text: string): void {
    this.out += text;
    this.#hear('stdout');
  }

  stderr(text: string): void {
    this.err += text;
    this.#hear('stderr');
  }

  display(display: Display): void {
    this.displays.push(display);
    this.#hear(display.update ? 'update' : 'display');
  }

  result(display: Display): void {
    this.displays.push(display);
    this.#hear('result');
  }

  error(error: PythonError): void {
    this.errors.push(error);
    this.#hear('error');
  }

  clearOutput(wait: boolean): void {
    this.#hear(wait ? 'clear later' : 'clear');
  }

  outputLost(): void {
    this.#hear('lost');
  }

  /** Resolves when stdout has `text`. */
  async printed(text: string): Promise<void> {
    await this.#until(() => this.out.includes(text));
  }

  /** Resolves when `event` was heard. */
  async heard(event: string): Promise<void> {
    await this.#until(() => this.events.includes(event));
  }

  #hear(event: string): void {
    this.events.push(event);
    const met = this.#waiting.filter(({ until }) => until());
    this.#waiting = this.#waiting.filter((waiter) => !met.includes(waiter));
    for (const { resolve } of met) resolve();
  }

  async #until(until: () => boolean): Promise<void> {
    if (until()) return;
    await new Promise<void>((resolve) => this.#waiting.push({ until, resolve }));
  }
}
