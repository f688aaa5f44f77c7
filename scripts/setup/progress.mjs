const secondsBetweenSigns = 15;

/**
 * Tells a person what goes on, several things at a time: a last line that counts seconds on a terminal, a line now
 * and then elsewhere.
 */
export class Progress {
  #output;
  #began = performance.now();
  /** @type {Set<() => string>} */
  #signs = new Set();

  /** @param {NodeJS.WriteStream} output */
  constructor(output) {
    this.#output = output;
  }

  /** Since it began. */
  get seconds() {
    return (performance.now() - this.#began) / 1000;
  }

  /** @param {string} sentence */
  say(sentence) {
    this.#clear();
    this.#output.write(`${sentence}\n`);
  }

  /**
   * @template T
   * @param {string} what the thing that is worked on
   * @param {string} doing a word for it
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async during(what, doing, work) {
    const began = performance.now();
    const elapsed = () => `${((performance.now() - began) / 1000).toFixed(0)} s`;
    const stopSigns = this.#showSigns(`${what}: ${doing}`, elapsed);
    try {
      const result = await work();
      stopSigns(`${what}: done in ${elapsed()}`);
      return result;
    } catch (error) {
      stopSigns(`${what}: failed after ${elapsed()}`);
      throw error;
    }
  }

  /**
   * @param {string} text
   * @param {() => string} elapsed
   * @returns {(last: string) => void} ends the signs with a last line
   */
  #showSigns(text, elapsed) {
    const sign = () => `${text} (${elapsed()})`;
    if (!this.#output.isTTY) this.#output.write(`  ${text}\n`);
    this.#signs.add(sign);
    this.#redraw();
    const timer = setInterval(
      () => (this.#output.isTTY ? this.#redraw() : this.#output.write(`  ${sign()}\n`)),
      this.#output.isTTY ? 1000 : secondsBetweenSigns * 1000,
    );
    return (last) => {
      clearInterval(timer);
      this.#signs.delete(sign);
      this.#clear();
      this.#output.write(`  ${last}\n`);
      this.#redraw();
    };
  }

  #redraw() {
    if (!this.#output.isTTY || this.#signs.size === 0) return;
    this.#clear();
    const line = `  ${[...this.#signs].map((sign) => sign()).join(', ')}`;
    // A line that wraps could not be taken back.
    this.#output.write(line.slice(0, (this.#output.columns || 80) - 1));
  }

  #clear() {
    if (this.#output.isTTY) this.#output.write('\r\x1b[K');
  }
}
