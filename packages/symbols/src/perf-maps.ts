/**
 * Owns the perf maps of all processes that run code of no file: each read as it grows, all together within a bound of
 * processes and of entries. What was read of a process stays after its exit until others push it out.
 */
import { BoundedCache } from './bounded-cache.js';
import { type JitName, toJitName } from './jit-names.js';
import { MAX_PERF_MAP_ENTRIES } from './perf-map.js';
import { type PerfMapFiles, PerfMapReader } from './perf-map-file.js';

/** More than one host runs of JVMs, node and Python at once, and few of them write a map. */
const MAX_PROCESSES = 512;
/** Of all processes together; about 100 bytes each. */
const MAX_ENTRIES = MAX_PERF_MAP_ENTRIES;

export class PerfMaps {
  readonly #files: PerfMapFiles;
  readonly #maxEntries: number;
  readonly #readers: BoundedCache<number, PerfMapReader>;
  /** As each reader had when it was last refreshed. */
  readonly #entriesOf = new Map<PerfMapReader, number>();
  #entries = 0;

  constructor(files: PerfMapFiles, maxEntries = MAX_ENTRIES) {
    this.#files = files;
    this.#maxEntries = maxEntries;
    this.#readers = new BoundedCache(MAX_PROCESSES, (reader) => {
      this.#entries -= this.#entriesOf.get(reader) ?? 0;
      this.#entriesOf.delete(reader);
    });
  }

  /** Of all processes. */
  get entryCount(): number {
    return this.#entries;
  }

  /** Reads what the process has written since. @returns whether anything was new */
  refresh(tgid: number): boolean {
    let reader = this.#readers.get(tgid);
    if (reader === undefined) {
      reader = new PerfMapReader(this.#files, tgid);
      this.#readers.set(tgid, reader);
    }
    const isNew = reader.refresh();
    this.#entries += reader.entryCount - (this.#entriesOf.get(reader) ?? 0);
    this.#entriesOf.set(reader, reader.entryCount);
    while (this.#entries > this.#maxEntries && this.#readers.size > 1) this.#readers.evictOldest();
    return isNew;
  }

  nameAt(tgid: number, address: number): JitName | undefined {
    const name = this.#readers.get(tgid)?.nameAt(address);
    return name === undefined ? undefined : toJitName(name);
  }

  /** Whether there is a map of this process that names anything. */
  has(tgid: number): boolean {
    return (this.#readers.get(tgid)?.entryCount ?? 0) > 0;
  }

  /** There is a file in the place of the map that may not be used: see `perf-map-file`. */
  isRefused(tgid: number): boolean {
    return this.#readers.get(tgid)?.state === 'refused';
  }

  /** Its code is another now: it has exec'd, or its tgid is used again. */
  forget(tgid: number): void {
    this.#readers.delete(tgid);
  }

  clear(): void {
    this.#readers.clear();
  }
}
