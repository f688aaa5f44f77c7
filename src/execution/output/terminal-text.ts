import { CONTROL_SEQUENCE, CUT_CONTROL_SEQUENCE } from './ansi.js';
import { BoundedText } from './bounded-text.js';
import { TerminalLine } from './terminal-line.js';
import { detached } from './utf8.js';

/** A longer line counts as ended: a carriage return goes back to where it was cut. */
const LONGEST_LINE = 16 * 1024;
const LONGEST_CONTROL_SEQUENCE = 64;

/* eslint-disable no-control-regex -- these are the control characters a terminal obeys */
const MOVES_CURSOR = /[\r\x08]|\x1b\[[012]?K/;
const TOKEN = new RegExp(`\\n|\\r|\x08|${CONTROL_SEQUENCE.source}|[^\\n\\r\x08\x1b]+|\x1b`, 'g');
/* eslint-enable no-control-regex */

/**
 * The text of a stream as a terminal would show it in the end: a progress bar that redraws its line is one line,
 * in its last state. Obeyed within the last line: carriage return, backspace, "erase in line". Colours and all
 * other escape sequences are kept as they are. At most `maxBytes` are kept, see `BoundedText`.
 */
export class TerminalText {
  readonly #ended: BoundedText;
  /** The last line: as plain text while the cursor stands behind it, as cells once it moved. */
  #line = '';
  #edited: TerminalLine | null = null;
  /** A control sequence whose end has not come. */
  #cut = '';
  #leftOut = 0;

  constructor(private readonly maxBytes: number) {
    this.#ended = new BoundedText(maxBytes);
  }

  append(chunk: string): void {
    const text = this.#cut + chunk;
    const cut = CUT_CONTROL_SEQUENCE.exec(text.slice(-LONGEST_CONTROL_SEQUENCE))?.[0] ?? '';
    this.#cut = detached(cut);
    const whole = text.slice(0, text.length - cut.length);
    if (this.#edited || MOVES_CURSOR.test(whole)) this.#obey(whole);
    else this.#appendPlain(whole);
  }

  /** Counts bytes that did not even come here. */
  leaveOut(bytes: number): void {
    this.#leftOut += bytes;
  }

  /** All of it so far, the line under way included. */
  soFar(): BoundedText {
    const all = new BoundedText(this.maxBytes);
    all.appendAll(this.#ended);
    all.append((this.#edited?.toString() ?? this.#line) + this.#cut);
    all.leaveOut(this.#leftOut);
    return all;
  }

  /** The usual case, at the cost of a copy. */
  #appendPlain(text: string): void {
    const lastLine = text.lastIndexOf('\n') + 1;
    if (lastLine > 0) {
      this.#ended.append(this.#line + text.slice(0, lastLine));
      this.#line = '';
    }
    this.#line += lastLine > 0 ? detached(text.slice(lastLine)) : text;
    if (this.#line.length > LONGEST_LINE) this.#endLine('');
  }

  #obey(text: string): void {
    for (const [token] of text.matchAll(TOKEN)) {
      if (token === '\n') this.#endLine('\n');
      else this.#obeyWithinLine(token);
    }
  }

  #obeyWithinLine(token: string): void {
    if (this.#edited === null && !MOVES_CURSOR.test(token)) {
      this.#appendPlain(detached(token));
      return;
    }
    this.#edited ??= new TerminalLine(this.#line);
    if (token === '\r') this.#edited.carriageReturn();
    else if (token === '\b') this.#edited.backspace();
    else if (token.length > 1 && token.startsWith('\x1b')) this.#edited.control(token);
    else this.#edited.write(token);
    if (this.#edited.length > LONGEST_LINE) this.#endLine('');
  }

  #endLine(end: string): void {
    this.#ended.append((this.#edited?.toString() ?? this.#line) + end);
    this.#line = '';
    this.#edited = null;
  }
}
