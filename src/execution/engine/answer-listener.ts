import type { ExecutionListener, PythonError } from './kernel.js';

const MOST_CHARACTERS = 64 * 1024;

/** Hears what code of ours answers: the start of what it printed, and what it raised. */
export class AnswerListener implements ExecutionListener {
  printed = '';
  private raised: PythonError | undefined;

  /** The exception in one line. */
  get failure(): string | undefined {
    return this.raised && `${this.raised.name}: ${this.raised.value}`;
  }

  stdout(text: string): void {
    this.printed += text.slice(0, MOST_CHARACTERS - this.printed.length);
  }

  error(error: PythonError): void {
    this.raised = error;
  }

  started(): void {
    // Whoever waits has a deadline of their own.
  }

  stderr(): void {
    // Warnings of libraries are no answer.
  }

  display(): void {
    // Our code shows nothing.
  }

  result(): void {
    // As above.
  }

  clearOutput(): void {
    // As above.
  }

  outputLost(): void {
    // The answer is missing then, which whoever asked finds out.
  }
}
