/** Callbacks for one kind of event. */
export class Listeners<T> {
  readonly #listeners = new Set<(event: T) => void>();

  /** Returns the unsubscriber. */
  add(listener: (event: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: T): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
