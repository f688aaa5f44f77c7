import { isMarkers, mayBecomeMarkers, width, withoutColumns, type Columns } from './marker-line.js';

/** Of a longer line nothing is remembered for the markers below it; a longer line of markers is none. */
const LONGEST_LINE = 4096;

/**
 * Replaces texts in a text that comes in pieces, cut anywhere: the start of one at the end of a piece is held back
 * until it shows what it is. Python marks places in the line above by `^` and `~`; where that line became shorter,
 * the markers move along.
 */
export class PathStream {
  readonly #pattern: RegExp;
  readonly #longest: number;
  /** Not gone out yet: the start of a text to replace, or of a line of markers. */
  #held = '';
  /** How much of the line under way went out, and what was taken out of it. */
  #column = 0;
  #cuts: Columns[] = [];
  /** What was taken out of the line before. */
  #cutsAbove: readonly Columns[] = [];

  /** @param replacements what by what; the second is never longer */
  constructor(private readonly replacements: ReadonlyMap<string, string>) {
    const texts = [...replacements.keys()];
    this.#pattern = new RegExp(texts.map(literally).join('|'), 'g');
    this.#longest = Math.max(...texts.map((text) => text.length));
  }

  /** What can go out now. */
  push(piece: string): string {
    const text = this.#held + piece;
    const lastLine = text.lastIndexOf('\n') + 1;
    const lines = this.#replaceLines(text.slice(0, lastLine));
    const rest = text.slice(lastLine);
    const end = this.#isBelowCuts(rest) && mayBecomeMarkers(rest) ? 0 : this.#startOfCutText(rest);
    this.#held = rest.slice(end);
    return lines + this.#replaceLines(rest.slice(0, end));
  }

  /** What was held back. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return this.#replaceLines(rest);
  }

  #replaceLines(text: string): string {
    if (text === '') return '';
    // The usual case, without a look at each line.
    if (this.#cuts.length + this.#cutsAbove.length === 0 && text.search(this.#pattern) < 0) {
      this.#column = text.endsWith('\n') ? 0 : this.#column + width(text);
      return text;
    }
    return text.replace(/[^\n]*\n|[^\n]+/g, (line) => this.#replaceLine(line));
  }

  /** @param line a line with its end, or a part of one */
  #replaceLine(line: string): string {
    const marks = this.#isBelowCuts(line) && isMarkers(line);
    const replaced = marks ? withoutColumns(line, this.#cutsAbove) : this.#replaceTexts(line);
    if (line.endsWith('\n')) {
      this.#cutsAbove = this.#cuts;
      this.#cuts = [];
      this.#column = 0;
    } else this.#column += width(line);
    return replaced;
  }

  #replaceTexts(line: string): string {
    return line.replace(this.#pattern, (text: string, at: number) => {
      const replacement = this.replacements.get(text) ?? text;
      const start = this.#column + (at < LONGEST_LINE ? width(line.slice(0, at)) : at);
      if (start < LONGEST_LINE) {
        this.#cuts.push({ start: start + replacement.length, end: start + text.length });
      }
      return replacement;
    });
  }

  /** Whether it begins a line, of a length worth a look, below one that became shorter. */
  #isBelowCuts(line: string): boolean {
    return this.#cutsAbove.length > 0 && this.#column === 0 && line.length < LONGEST_LINE;
  }

  /** Where a text to replace begins that the next piece may complete; the length of `piece` if nowhere. */
  #startOfCutText(piece: string): number {
    for (let at = Math.max(0, piece.length - this.#longest + 1); at < piece.length; at += 1) {
      const end = piece.slice(at);
      for (const text of this.replacements.keys()) {
        if (text.length > end.length && text.startsWith(end)) return at;
      }
    }
    return piece.length;
  }
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
