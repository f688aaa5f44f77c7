import { plain, restyle, type TextStyle } from './style.ts';

export interface Span {
  readonly text: string;
  readonly style: TextStyle;
}

export interface Line {
  /** Counts from 0; stays with its line. */
  readonly number: number;
  readonly spans: readonly Span[];
}

interface Cell {
  readonly text: string;
  readonly style: TextStyle;
}

const mostLines = 5000;
/** A longer line counts as ended. */
const longestLine = 16 * 1024;

/* eslint-disable no-control-regex -- these are the control characters that a terminal obeys */
const control = '\\x1b\\[[0-9;:?]*[ -/]*[@-~]|\\x1b\\][^\\x07\\x1b]*(?:\\x07|\\x1b\\\\)|\\x1b[^[\\]]';
const token = new RegExp(`\\n|\\r|\\x08|${control}|[^\\n\\r\\x08\\x1b]+|\\x1b`, 'g');
const cutControl = /\x1b(?:\[[0-9;:?]*[ -/]*|\][^\x07\x1b]{0,2000})?$/;
const selectRendition = /^\x1b\[([0-9;:]*)m$/;
const eraseInLine = /^\x1b\[([012]?)K$/;
/* eslint-enable no-control-regex */

/**
 * Text as a terminal shows it: colours, and a last line that carriage return, backspace and "erase in line" change.
 * Other control sequences do nothing. Lines that ended stay the same objects.
 */
export class Screen {
  #ended: Line[] = [];
  #dropped = 0;
  #number = 0;
  #cells: Cell[] = [];
  #column = 0;
  #style = plain;
  #cut = '';

  append(chunk: string): void {
    const text = this.#cut + chunk;
    this.#cut = cutControl.exec(text)?.[0] ?? '';
    for (const [part] of text.slice(0, text.length - this.#cut.length).matchAll(token)) this.#obey(part);
  }

  /** The lines to show, the one under way included unless it is empty. A list of its own for each caller. */
  get lines(): Line[] {
    return this.#cells.length === 0 ? [...this.#ended] : [...this.#ended, this.#lineUnderWay()];
  }

  /** How many of the first lines are not kept. */
  get dropped(): number {
    return this.#dropped;
  }

  #obey(part: string): void {
    if (part === '\n') this.#endLine();
    else if (part === '\r') this.#column = 0;
    else if (part === '\b') this.#column = Math.max(0, this.#column - 1);
    else if (part.startsWith('\x1b')) this.#control(part);
    else this.#write(part);
  }

  #write(text: string): void {
    for (const character of text) {
      this.#cells[this.#column] = { text: character, style: this.#style };
      this.#column += 1;
      if (this.#column >= longestLine) this.#endLine();
    }
  }

  #control(part: string): void {
    const rendition = selectRendition.exec(part);
    if (rendition) this.#style = restyle(this.#style, rendition[1] ?? '');
    const erase = eraseInLine.exec(part);
    if (!erase) return;
    if (erase[1] === '2') this.#cells = [];
    else if (erase[1] === '1') this.#cells.fill({ text: ' ', style: plain }, 0, this.#column);
    else this.#cells.length = Math.min(this.#cells.length, this.#column);
    for (let at = this.#cells.length; at < this.#column; at += 1)
      this.#cells[at] = { text: ' ', style: plain };
  }

  #endLine(): void {
    this.#ended.push(this.#lineUnderWay());
    if (this.#ended.length > mostLines * 1.1) {
      this.#dropped += this.#ended.length - mostLines;
      this.#ended = this.#ended.slice(-mostLines);
    }
    this.#number += 1;
    this.#cells = [];
    this.#column = 0;
  }

  #lineUnderWay(): Line {
    const spans: { text: string; style: TextStyle }[] = [];
    for (const { text, style } of this.#cells) {
      const last = spans.at(-1);
      if (last?.style === style) last.text += text;
      else spans.push({ text, style });
    }
    return { number: this.#number, spans };
  }
}
