/** Owns a Map that forgets what was used least recently once it holds more than its bound. */
export class BoundedCache<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #maxEntries: number;
  readonly #onEvict: (value: Value) => void;
  /** Used last, so that using it again moves nothing: a Map that is written at each look-up rebuilds itself all the time. */
  #newest: { key: Key; value: Value } | undefined;

  constructor(maxEntries: number, onEvict: (value: Value) => void = () => {}) {
    this.#maxEntries = maxEntries;
    this.#onEvict = onEvict;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    if (this.#newest?.key === key) return this.#newest.value;
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    this.#newest = { key, value };
    return value;
  }

  set(key: Key, value: Value): void {
    this.delete(key);
    this.#entries.set(key, value);
    this.#newest = { key, value };
    if (this.#entries.size > this.#maxEntries) this.evictOldest();
  }

  /** Least recently used first; looking does not count as use. */
  entries(): IterableIterator<[Key, Value]> {
    return this.#entries.entries();
  }

  delete(key: Key): void {
    const value = this.#entries.get(key);
    if (value === undefined) return;
    this.#entries.delete(key);
    if (this.#newest?.key === key) this.#newest = undefined;
    this.#onEvict(value);
  }

  evictOldest(): void {
    for (const key of this.#entries.keys()) {
      this.delete(key);
      return;
    }
  }

  clear(): void {
    for (const key of [...this.#entries.keys()]) this.delete(key);
  }
}
