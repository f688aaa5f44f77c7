import { CONTROL_SEQUENCE } from './ansi.js';

/** One code point with the control sequences before it, or those at the end, which have none. */
const CELL = new RegExp(`(?:${CONTROL_SEQUENCE.source})+$|(?:${CONTROL_SEQUENCE.source})*[^]`, 'gu');
const ONLY_CONTROL = new RegExp(`^(?:${CONTROL_SEQUENCE.source})+$`);
const LONGEST_PREFIX = 256;

/** The line a terminal's cursor is on, as cells that can be written over. */
export class TerminalLine {
  readonly #cells: string[];
  #cursor: number;
  /** Control sequences that the next cell written takes along. */
  #prefix = '';

  /** The cursor stands behind `text`. */
  constructor(text: string) {
    this.#cells = text.match(CELL) ?? [];
    if (ONLY_CONTROL.test(this.#cells.at(-1) ?? '')) this.#prefix = this.#cells.pop() ?? '';
    this.#cursor = this.#cells.length;
  }

  get length(): number {
    return this.#cells.length;
  }

  write(text: string): void {
    for (const character of text) {
      this.#cells[this.#cursor] = this.#prefix + character;
      this.#cursor += 1;
      this.#prefix = '';
    }
  }

  /** The cursor goes to the start; what stands there is written over, and stays where nothing is written. */
  carriageReturn(): void {
    this.#cursor = 0;
  }

  /** The cursor goes one to the left; nothing is erased. */
  backspace(): void {
    this.#cursor = Math.max(0, this.#cursor - 1);
  }

  /** "Erase in line" is done; other control sequences, as those for colours, are kept. */
  control(sequence: string): void {
    if (sequence.endsWith('K')) this.#erase(sequence.slice(2, -1));
    else if (this.#prefix.length + sequence.length > LONGEST_PREFIX)
      this.#prefix = sequence.slice(0, LONGEST_PREFIX);
    else this.#prefix += sequence;
  }

  toString(): string {
    return this.#cells.join('') + this.#prefix;
  }

  #erase(mode: string): void {
    if (mode !== '1') this.#cells.length = this.#cursor;
    if (mode === '1' || mode === '2') this.#cells.fill(' ', 0, this.#cursor);
  }
}
