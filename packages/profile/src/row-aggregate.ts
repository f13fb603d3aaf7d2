/**
 * Owns the sum of the rows of a sliding set of windows: one row per distinct key, whatever window it came from.
 *
 *     add(w1) add(w2) add(w3) remove(w1)    rows() is the rows of w2 and w3, equal keys summed
 *
 * Invariant: `remove` undoes `add`. Integer columns are exact. The two estimates that are fractions keep a rounding
 * residue while their row lives, and none longer: a key that no window holds any more is dropped, not left near zero.
 * All windows must be of the same `ProfileTables`. Slices of time are summed too: all rows have slice 0.
 */
import { emptyRows, rowCount } from './rows.js';
import { TupleIndex } from './tuple-index.js';
import type { ProfileWindow, Rows } from './window.js';

export class RowAggregate {
  readonly #keys = new TupleIndex(KEY_COLUMNS.length);
  /** Columns beside the keys, by entry of `#keys`. */
  #holders: number[] = [];
  #captures: number[] = [];
  #estimatedCount: number[] = [];
  #estimatedNs: number[] = [];
  #varianceNs2: number[] = [];
  #live = 0;
  #rows: Rows | undefined;

  constructor() {
    this.#rows = emptyRows();
  }

  add(window: Pick<ProfileWindow, 'rows'>): void {
    const { rows } = window;
    const count = rowCount(rows);
    for (let i = 0; i < count; i++) {
      this.#setProbe(rows, i);
      const known = this.#keys.size;
      const entry = this.#keys.add();
      if (entry === known) {
        this.#holders.push(0);
        this.#captures.push(0);
        this.#estimatedCount.push(0);
        this.#estimatedNs.push(0);
        this.#varianceNs2.push(0);
      }
      if (this.#holders[entry]!++ === 0) this.#live++;
      this.#captures[entry]! += rows.captures[i]!;
      this.#estimatedCount[entry]! += rows.estimatedCount[i]!;
      this.#estimatedNs[entry]! += rows.estimatedNs[i]!;
      this.#varianceNs2[entry]! += rows.varianceNs2[i]!;
    }
    if (count > 0) this.#rows = undefined;
  }

  /** Takes out a window that was added before; throws when it was not. */
  remove(window: Pick<ProfileWindow, 'rows'>): void {
    const { rows } = window;
    const count = rowCount(rows);
    for (let i = 0; i < count; i++) {
      this.#setProbe(rows, i);
      const entry = this.#keys.find();
      if (entry < 0 || this.#holders[entry] === 0) {
        throw new Error(
          `remove a window from a row aggregate: row ${i} (tgid ${rows.tgid[i]}, tid ${rows.tid[i]}) is not in it; ` +
            'remove only windows that were added, once each',
        );
      }
      this.#holders[entry]!--;
      if (this.#holders[entry] === 0) {
        this.#live--;
        this.#captures[entry] = 0;
        this.#estimatedCount[entry] = 0;
        this.#estimatedNs[entry] = 0;
        this.#varianceNs2[entry] = 0;
      } else {
        this.#captures[entry]! -= rows.captures[i]!;
        this.#estimatedCount[entry]! -= rows.estimatedCount[i]!;
        this.#estimatedNs[entry]! -= rows.estimatedNs[i]!;
        // A residue of the subtraction must not show as a negative variance.
        this.#varianceNs2[entry] = Math.max(0, this.#varianceNs2[entry]! - rows.varianceNs2[i]!);
      }
    }
    if (count > 0) this.#rows = undefined;
    if (this.#keys.size > COMPACT_ABOVE_KEYS && this.#live * 2 < this.#keys.size) this.#compact();
  }

  /** Rows of all windows held, in order of first sight. Valid until the next change; not to be written to. */
  rows(): Rows {
    if (this.#rows !== undefined) return this.#rows;
    const rows = emptyRows();
    for (let entry = 0; entry < this.#keys.size; entry++) {
      if (this.#holders[entry] === 0) continue;
      for (let column = 0; column < KEY_COLUMNS.length; column++) {
        rows[KEY_COLUMNS[column]!].push(this.#keys.valueAt(entry, column));
      }
      rows.slice.push(0);
      rows.captures.push(this.#captures[entry]!);
      rows.estimatedCount.push(this.#estimatedCount[entry]!);
      rows.estimatedNs.push(this.#estimatedNs[entry]!);
      rows.varianceNs2.push(this.#varianceNs2[entry]!);
    }
    this.#rows = rows;
    return rows;
  }

  #setProbe(rows: Rows, i: number): void {
    const probe = this.#keys.probe;
    probe[0] = rows.tgid[i]!;
    probe[1] = rows.tid[i]!;
    probe[2] = rows.comm[i]!;
    probe[3] = rows.cgroup[i]!;
    probe[4] = rows.kind[i]!;
    probe[5] = rows.state[i]!;
    probe[6] = rows.userStack[i]!;
    probe[7] = rows.kernelStack[i]!;
    probe[8] = rows.chain[i]!;
    probe[9] = rows.bucket[i]!;
    probe[10] = rows.quarter[i]!;
  }

  /** Forgets the keys that no window holds. */
  #compact(): void {
    const holders = this.#holders.filter((count) => count > 0);
    const rows = this.rows();
    this.#keys.clear();
    for (let i = 0; i < rowCount(rows); i++) {
      this.#setProbe(rows, i);
      this.#keys.add();
    }
    this.#holders = holders;
    this.#captures = [...rows.captures];
    this.#estimatedCount = [...rows.estimatedCount];
    this.#estimatedNs = [...rows.estimatedNs];
    this.#varianceNs2 = [...rows.varianceNs2];
  }
}

/** What makes two rows the same row; the order is that of `#setProbe`. */
const KEY_COLUMNS = [
  'tgid',
  'tid',
  'comm',
  'cgroup',
  'kind',
  'state',
  'userStack',
  'kernelStack',
  'chain',
  'bucket',
  'quarter',
] as const satisfies readonly (keyof Rows)[];

/** Keys; below this, dead ones cost less than forgetting them. */
const COMPACT_ABOVE_KEYS = 1024;
