/**
 * Owns a Map that forgets what was not used lately, by generations: what is asked for moves to the young one, and when
 * that is full the old one goes. A hit in the young one is one lookup, where `BoundedCache` writes at each.
 *
 *     young { c d }   old { a b }      get(a)      young { c d a }   old { a b }      young full      old { c d a }
 */
export class RecentCache<Key, Value> {
  readonly #maxYoung: number;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();

  /** @param maxEntries at least two; at least half of it, of the most recently used, is kept */
  constructor(maxEntries: number) {
    this.#maxYoung = Math.max(1, maxEntries >>> 1);
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: Key, value: Value): void {
    if (this.#young.size >= this.#maxYoung && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}
