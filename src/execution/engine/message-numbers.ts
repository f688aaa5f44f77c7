/** More gaps than threads of a kernel leave: it is no use to wait until they close. */
const MOST_EARLY = 1000;

/**
 * Proves that no message of a kernel is missing. ipykernel counts what it sends, on whichever channel, in the ids
 * (`<session>_<pid>_<number>`). Threads may send two in another order than they numbered them, so a gap may close
 * later; forked processes count for themselves. A kernel that numbers in another way proves nothing.
 */
export class MessageNumbers {
  readonly #sender: string;
  readonly #early = new Set<number>();
  #next: number;
  #provable: boolean;

  /** @param first the id of the first message that counts */
  constructor(first: string) {
    const { sender, number } = parts(first);
    this.#sender = sender;
    this.#next = number + 1;
    this.#provable = Number.isSafeInteger(number);
  }

  /** Takes the id of any message that came, in whatever context. */
  add(id: string): void {
    const { sender, number } = parts(id);
    if (!this.#provable || sender !== this.#sender || number < this.#next) return;
    this.#early.add(number);
    while (this.#early.delete(this.#next)) this.#next += 1;
    if (this.#early.size > MOST_EARLY) this.#giveUp();
  }

  /** What matters came from someone else as well, whose count is unknown. */
  meet(id: string): void {
    if (parts(id).sender !== this.#sender) this.#giveUp();
  }

  /** Whether all messages up to this one are known to have come. */
  isCompleteUntil(last: string): boolean {
    const { sender, number } = parts(last);
    return this.#provable && sender === this.#sender && number < this.#next;
  }

  #giveUp(): void {
    this.#provable = false;
    this.#early.clear();
  }
}

/** The number is NaN where there is none. */
function parts(id: string): { sender: string; number: number } {
  const [, sender = id, digits = 'none'] = /^(.+)_(\d{1,15})$/.exec(id) ?? [];
  return { sender, number: Number(digits) };
}
