/**
 * Cuts a stream of text into lines of at most `maxLength` characters, so that a program that never ends a line
 * costs no memory; the rest of a longer line is dropped.
 */
export class BoundedLines {
  #line = '';

  constructor(
    private readonly maxLength: number,
    private readonly onLine: (line: string) => void,
  ) {}

  push(text: string): void {
    const parts = text.split('\n');
    for (const [index, part] of parts.entries()) {
      this.#line += part.slice(0, this.maxLength - this.#line.length);
      if (index < parts.length - 1) this.end();
    }
  }

  /** Tells what stands after the last line end; nothing if that is nothing. */
  end(): void {
    const line = this.#line.trimEnd();
    this.#line = '';
    if (line !== '') this.onLine(line);
  }
}
