import type { ExecutionListener, PythonError } from '../engine/index.js';

/** Hears only what went wrong. */
export class ErrorListener implements ExecutionListener {
  private raised: PythonError | undefined;

  /** The exception in one line. */
  get summary(): string | undefined {
    return this.raised && `${this.raised.name}: ${this.raised.value}`;
  }

  error(error: PythonError): void {
    this.raised = error;
  }

  started(): void {
    // Whoever waits has a deadline of their own.
  }

  stdout(): void {
    // Nobody asked for this code's output.
  }

  stderr(): void {
    // As above.
  }

  display(): void {
    // As above.
  }

  result(): void {
    // As above.
  }

  clearOutput(): void {
    // As above.
  }

  outputLost(): void {
    // As above.
  }
}
