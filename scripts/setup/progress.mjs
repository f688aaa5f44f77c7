const secondsBetweenSigns = 15;

/** Tells a person what goes on: a line that counts seconds on a terminal, a line now and then elsewhere. */
export class Progress {
  #output;
  #began = performance.now();

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
    const stopSigns = this.#showSigns(`  ${what}: ${doing}`, elapsed);
    try {
      const result = await work();
      stopSigns(`  ${what}: done in ${elapsed()}`);
      return result;
    } catch (error) {
      stopSigns(`  ${what}: failed after ${elapsed()}`);
      throw error;
    }
  }

  /**
   * @param {string} text
   * @param {() => string} elapsed
   * @returns {(last: string) => void} ends the signs with a last line
   */
  #showSigns(text, elapsed) {
    const live = this.#output.isTTY;
    this.#output.write(live ? text : `${text}\n`);
    const timer = setInterval(
      () => this.#output.write(live ? `\r${text} (${elapsed()})` : `${text} (${elapsed()})\n`),
      live ? 1000 : secondsBetweenSigns * 1000,
    );
    return (last) => {
      clearInterval(timer);
      this.#output.write(live ? `\r${last.padEnd(text.length + 12)}\n` : `${last}\n`);
    };
  }
}
