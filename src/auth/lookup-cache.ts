interface Entry<V> {
  value: V;
  loadedAt: number;
}

export interface LookupCacheOptions {
  /** How long a value counts without being looked up again. */
  ttlMs: number;
  /** Entries kept; the oldest goes first. */
  capacity: number;
  /** Milliseconds, monotonic. */
  now?: () => number;
}

/** Remembers what was found (never what was not) for a short time, and forgets all of it at once. */
export class LookupCache<V> {
  readonly #entries = new Map<string, Entry<V>>();
  #generation = 0;

  constructor(private readonly options: LookupCacheOptions) {}

  async get(key: string, load: () => Promise<V | null>): Promise<V | null> {
    const known = this.#entries.get(key);
    if (known !== undefined && this.#now() - known.loadedAt < this.options.ttlMs) return known.value;
    const generation = this.#generation;
    const loadedAt = this.#now();
    const value = await load();
    this.#entries.delete(key);
    // What was read before a change must not be remembered after it.
    if (value !== null && generation === this.#generation) this.#keep(key, { value, loadedAt });
    return value;
  }

  clear(): void {
    this.#generation += 1;
    this.#entries.clear();
  }

  #keep(key: string, entry: Entry<V>): void {
    const oldest = this.#entries.keys().next();
    if (this.#entries.size >= this.options.capacity && !oldest.done) this.#entries.delete(oldest.value);
    this.#entries.set(key, entry);
  }

  #now(): number {
    return (this.options.now ?? performance.now.bind(performance))();
  }
}
