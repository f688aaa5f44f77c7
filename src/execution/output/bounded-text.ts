import { detached, endOf, startOf } from './utf8.js';

/** Pieces that may pile up before they are joined; each costs some 30 bytes besides its text. */
const MAX_PIECES = 4096;

/**
 * Text of which at most `maxBytes` of UTF-8 are kept: the head, because it says what it is about, and the tail,
 * because errors stand at the end. Appending costs the length of what is appended, whatever came before, and
 * memory stays below about twice the limit.
 */
export class BoundedText {
  #head: string[] = [];
  #headBytes = 0;
  #headOpen = true;
  /** The tail lies within these two: `#newer` becomes `#older` whenever it alone is long enough. */
  #older = '';
  #newer: string[] = [];
  #newerBytes = 0;
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** Bytes appended, kept or not. */
  get bytes(): number {
    return this.#bytes;
  }

  get truncated(): boolean {
    return this.#bytes > this.maxBytes;
  }

  append(text: string): void {
    if (text === '') return;
    const bytes = Buffer.byteLength(text);
    this.#bytes += bytes;
    const rest = this.#headOpen ? this.#fillHead(text, bytes) : text;
    if (rest !== '') this.#appendToTail(rest);
  }

  /** Counts bytes of which somebody else kept only what was appended. */
  leaveOut(bytes: number): void {
    this.#bytes += bytes;
    this.#headOpen &&= bytes === 0;
  }

  /** Appends what `other` keeps, and counts what it left out. */
  appendAll(other: BoundedText): void {
    const leftOut = other.#leftOut();
    this.append(other.#head.join(''));
    if (leftOut > 0) {
      this.#bytes += leftOut;
      this.#headOpen = false;
      this.#keepTail('');
    }
    this.append(other.#tail());
  }

  /** The text, or head and tail with the count of bytes left out between them. */
  toString(): string {
    const leftOut = this.#leftOut();
    const gap = leftOut > 0 ? `\n… ${String(leftOut)} bytes left out …\n` : '';
    return this.#head.join('') + gap + this.#tail();
  }

  /** Returns what did not fit. */
  #fillHead(text: string, bytes: number): string {
    const room = Math.floor(this.maxBytes / 2) - this.#headBytes;
    const part = bytes <= room ? text : detached(startOf(text, room));
    this.#head.push(part);
    if (this.#head.length > MAX_PIECES) this.#head = [this.#head.join('')];
    this.#headBytes += bytes <= room ? bytes : Buffer.byteLength(part);
    this.#headOpen = bytes <= room;
    return text.slice(part.length);
  }

  #appendToTail(text: string): void {
    const bytes = Buffer.byteLength(text);
    if (bytes >= this.#tailLimit) {
      this.#keepTail(detached(endOf(text, this.#tailLimit)));
      return;
    }
    this.#newer.push(text);
    this.#newerBytes += bytes;
    if (this.#newerBytes >= this.#tailLimit) this.#keepTail(this.#newer.join(''));
    else if (this.#newer.length > MAX_PIECES) this.#newer = [this.#newer.join('')];
  }

  #keepTail(text: string): void {
    this.#older = text;
    this.#newer = [];
    this.#newerBytes = 0;
  }

  get #tailLimit(): number {
    return this.maxBytes - this.#headBytes;
  }

  #tail(): string {
    return endOf(this.#older + this.#newer.join(''), this.#tailLimit);
  }

  #leftOut(): number {
    return this.#bytes - this.#headBytes - Buffer.byteLength(this.#tail());
  }
}
