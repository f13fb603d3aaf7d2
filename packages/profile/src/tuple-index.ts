/**
 * Owns numbering distinct tuples of numbers 0, 1, 2, … in order of first sight: a hash table without string keys,
 * because a live view numbers every row of every window once a second.
 *
 *     const index = new TupleIndex(2);
 *     index.probe[0] = 7; index.probe[1] = NONE;
 *     index.add()   // 0
 *     index.add()   // 0 again
 *
 * Invariant: entries are never removed one by one (`clear` drops all), so a number stays valid until then.
 */
export class TupleIndex {
  /** Written by the caller before `add` or `find`, so that the hot path allocates nothing. */
  readonly probe: Float64Array;
  readonly #width: number;
  /** Tuple `n` is keys[n * width …]. Doubles, as a cgroup id is an inode number and may pass 2^32. */
  #keys: Float64Array;
  #hashes: Int32Array;
  /** Open addressing, linear probing: entry + 1, 0 for free. A power of two long, at most half full. */
  #slots: Int32Array;
  #size = 0;

  constructor(width: number) {
    this.#width = width;
    this.probe = new Float64Array(width);
    this.#keys = new Float64Array(width * FIRST_CAPACITY);
    this.#hashes = new Int32Array(FIRST_CAPACITY);
    this.#slots = new Int32Array(FIRST_CAPACITY * 2);
  }

  get size(): number {
    return this.#size;
  }

  /** The number of `probe`, given now if it was not known: then it equals the size before the call. */
  add(): number {
    const hash = this.#hash();
    const slot = this.#slotOf(hash);
    const known = this.#slots[slot]!;
    if (known !== 0) return known - 1;
    const entry = this.#size++;
    this.#slots[slot] = entry + 1;
    if (entry === this.#hashes.length) this.#growEntries();
    this.#hashes[entry] = hash;
    this.#keys.set(this.probe, entry * this.#width);
    if (this.#size * 2 > this.#slots.length) this.#growSlots();
    return entry;
  }

  /** The number of `probe`, or -1. */
  find(): number {
    return this.#slots[this.#slotOf(this.#hash())]! - 1;
  }

  valueAt(entry: number, column: number): number {
    return this.#keys[entry * this.#width + column]!;
  }

  clear(): void {
    this.#keys = new Float64Array(this.#width * FIRST_CAPACITY);
    this.#hashes = new Int32Array(FIRST_CAPACITY);
    this.#slots = new Int32Array(FIRST_CAPACITY * 2);
    this.#size = 0;
  }

  #hash(): number {
    let hash = 0x811c9dc5 | 0;
    for (let column = 0; column < this.#width; column++) {
      const value = this.probe[column]!;
      hash = Math.imul(hash ^ value, 0x9e3779b1);
      hash ^= hash >>> 15;
      // `^` sees the low 32 bits only.
      if (value > 0xffff_ffff) hash = Math.imul(hash ^ (value / 0x1_0000_0000), 0x85ebca6b);
    }
    return hash;
  }

  /** Where `probe` is, or the free slot where it belongs. */
  #slotOf(hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot]! - 1;
      if (entry < 0 || (this.#hashes[entry] === hash && this.#isProbe(entry))) return slot;
    }
  }

  #isProbe(entry: number): boolean {
    const at = entry * this.#width;
    for (let column = 0; column < this.#width; column++) {
      if (this.#keys[at + column] !== this.probe[column]) return false;
    }
    return true;
  }

  #growEntries(): void {
    const keys = new Float64Array(this.#keys.length * 2);
    keys.set(this.#keys);
    this.#keys = keys;
    const hashes = new Int32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let entry = 0; entry < this.#size; entry++) {
      let slot = this.#hashes[entry]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry + 1;
    }
    this.#slots = slots;
  }
}

/** Entries; small, as many indexes stay nearly empty. A power of two. */
const FIRST_CAPACITY = 64;
