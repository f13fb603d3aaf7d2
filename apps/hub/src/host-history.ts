/**
 * Owns the retained windows of one host, oldest first, as the bytes that browsers are sent: a tenth of what they are
 * as columns, and their size is known exactly.
 *
 * Windows point into the dictionary they were added with. A dictionary only grows, so it is followed by a fresh one
 * before it is mostly dead, and dropped with the last window that points into it: endless new stacks cost what the
 * retained windows name, and nothing is ever rewritten.
 *
 *     dictionary   A A A A B B B C C
 *     index        4 5 6 7 8 9 …         A goes when window 7 does
 *
 * Invariant: `bytes` counts every retained window and every dictionary that is reachable from here.
 */
import {
  LOSSES,
  type LossCounts,
  ProfileTables,
  type ProfileWindow,
  TableImporter,
} from '@stallscope/profile';
import { DictionaryBytes, encodeWindowBody } from '@stallscope/protocol';
import {
  DICTIONARIES_A_RETENTION,
  DICTIONARIES_A_SHARE,
  DICTIONARY_GROWTH,
  DICTIONARY_HARD_BYTES,
  DICTIONARY_SOFT_BYTES,
  RETAINED_WINDOW_OVERHEAD_BYTES,
} from './limits.js';

/** A generation of a host's tables. */
export interface Dictionary {
  readonly tables: ProfileTables;
  readonly size: DictionaryBytes;
  readonly startedAtMs: number;
  /** Its size with its first window; 0 before that. */
  firstBytes: number;
  /** Retained windows that point into it. */
  windows: number;
}

export interface RetainedWindow {
  /** Position in all that was ever added to this history; what a stream's cursor counts. */
  readonly index: number;
  readonly dictionary: Dictionary;
  /** `encodeWindowBody`: without header, as it is the same for every stream. */
  readonly body: Uint8Array;
  readonly startMs: number;
  readonly endMs: number;
  /** In the hub's clock: ages are by it, as hosts' clocks differ. */
  readonly receivedAtMs: number;
  readonly losses: LossCounts;
}

export class HostHistory {
  readonly #retainMs: number;
  #windows: RetainedWindow[] = [];
  /** Slots of `#windows` before this are evicted and undefined to readers; compacted when they are the most. */
  #head = 0;
  #nextIndex = 0;
  #windowBytes = 0;
  #current: Dictionary;
  /** Dictionaries before the current one that still have windows. */
  readonly #former = new Set<Dictionary>();
  readonly #losses: Partial<Record<keyof LossCounts, number>> = {};
  #importer: { from: ProfileTables; into: ProfileTables; importer: TableImporter } | undefined;

  constructor(retainMs: number, nowMs: number) {
    this.#retainMs = retainMs;
    this.#current = startDictionary(nowMs);
  }

  /** Windows retained. */
  get count(): number {
    return this.#windows.length - this.#head;
  }

  /** Index of the oldest retained window; equals `nextIndex` when there is none. */
  get oldestIndex(): number {
    return this.#nextIndex - this.count;
  }

  get nextIndex(): number {
    return this.#nextIndex;
  }

  get oldest(): RetainedWindow | undefined {
    return this.#windows[this.#head];
  }

  get newest(): RetainedWindow | undefined {
    return this.count === 0 ? undefined : this.#windows.at(-1);
  }

  get bytes(): number {
    let bytes = this.#windowBytes + this.#current.size.measure();
    for (const dictionary of this.#former) bytes += dictionary.size.measure();
    return bytes;
  }

  /** Over what is retained. */
  get losses(): LossCounts {
    return { ...this.#losses };
  }

  at(index: number): RetainedWindow | undefined {
    const slot = index - this.oldestIndex;
    return slot < 0 ? undefined : this.#windows[this.#head + slot];
  }

  /** Index of the first window that ends after `sinceMs` (the host's clock), or `nextIndex`. */
  firstEndingAfter(sinceMs: number): number {
    for (let index = this.oldestIndex; index < this.#nextIndex; index++) {
      if (this.at(index)!.endMs > sinceMs) return index;
    }
    return this.#nextIndex;
  }

  isRetained(dictionary: Dictionary): boolean {
    return dictionary === this.#current || this.#former.has(dictionary);
  }

  /**
   * Takes a window of `from`, an agent's tables. `shareBytes` is what this host may keep if all keep the same.
   * Throws ProtocolError when it cannot be written, adding nothing.
   */
  add(window: ProfileWindow, from: ProfileTables, nowMs: number, shareBytes: number): RetainedWindow {
    if (this.#isOutgrown(nowMs, shareBytes)) this.#followDictionary(nowMs);
    const dictionary = this.#current;
    const body = encodeWindowBody(this.#importerFrom(from).window(window));
    if (dictionary.firstBytes === 0) dictionary.firstBytes = dictionary.size.measure();
    const retained: RetainedWindow = {
      index: this.#nextIndex,
      dictionary,
      body,
      startMs: window.startMs,
      endMs: window.endMs,
      receivedAtMs: nowMs,
      losses: window.losses,
    };
    this.#windows.push(retained);
    this.#nextIndex += 1;
    this.#windowBytes += toBytes(retained);
    dictionary.windows += 1;
    this.#countLosses(window.losses, 1);
    return retained;
  }

  /** False when there is nothing to evict. */
  evictOldest(nowMs: number): boolean {
    const evicted = this.oldest;
    if (evicted === undefined) return false;
    this.#head += 1;
    this.#windowBytes -= toBytes(evicted);
    this.#countLosses(evicted.losses, -1);
    const { dictionary } = evicted;
    dictionary.windows -= 1;
    if (dictionary.windows === 0 && !this.#former.delete(dictionary)) {
      // Nothing retained points into the current one: all of it is dead.
      this.#current = startDictionary(nowMs);
      this.#importer = undefined;
    }
    if (this.#head * 2 > this.#windows.length) {
      this.#windows = this.#windows.slice(this.#head);
      this.#head = 0;
    }
    return true;
  }

  evictExpired(nowMs: number): void {
    for (let { oldest } = this; oldest !== undefined; { oldest } = this) {
      if (nowMs - oldest.receivedAtMs <= this.#retainMs) return;
      this.evictOldest(nowMs);
    }
  }

  /** The agent's tables are gone; what was remembered of them goes too. */
  forgetSource(): void {
    this.#importer = undefined;
  }

  #isOutgrown(nowMs: number, shareBytes: number): boolean {
    const { size, startedAtMs, firstBytes } = this.#current;
    const bytes = size.measure();
    if (bytes < firstBytes * DICTIONARY_GROWTH) return false;
    const isOld = nowMs - startedAtMs > this.#retainMs / DICTIONARIES_A_RETENTION;
    if (isOld && bytes > DICTIONARY_SOFT_BYTES) return true;
    return bytes > Math.min(DICTIONARY_HARD_BYTES, shareBytes / DICTIONARIES_A_SHARE);
  }

  #followDictionary(nowMs: number): void {
    if (this.#current.windows > 0) this.#former.add(this.#current);
    this.#current = startDictionary(nowMs);
  }

  #importerFrom(from: ProfileTables): TableImporter {
    const into = this.#current.tables;
    if (this.#importer?.from !== from || this.#importer.into !== into) {
      this.#importer = { from, into, importer: new TableImporter(from, into) };
    }
    return this.#importer.importer;
  }

  #countLosses(losses: LossCounts, sign: 1 | -1): void {
    for (const loss of LOSSES) {
      const count = losses[loss];
      if (count === undefined) continue;
      const total = (this.#losses[loss] ?? 0) + sign * count;
      if (total > 0) this.#losses[loss] = total;
      else delete this.#losses[loss];
    }
  }
}

function startDictionary(nowMs: number): Dictionary {
  const tables = new ProfileTables();
  return { tables, size: new DictionaryBytes(tables), startedAtMs: nowMs, firstBytes: 0, windows: 0 };
}

function toBytes({ body }: RetainedWindow): number {
  return body.length + RETAINED_WINDOW_OVERHEAD_BYTES;
}
