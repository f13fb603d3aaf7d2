/**
 * Owns the windows that the worker keeps of a host: as the bytes they came in (those of a file as the columns they are), with what the time strip needs
 * beside them, so that 15 minutes of a busy host fit a browser tab. Invariant: what it decodes points into one
 * `ProfileTables`, whatever dictionary the bytes were written against.
 *
 *     dictionary A: w1 w2 w3 | reset | dictionary B: w4 w5        all decoded into `tables`
 */
import { type ProfileTables, type ProfileWindow, TableImporter } from '@stallscope/profile';
import { decodeWindow } from '@stallscope/protocol';

/** The dictionary that some windows were written against; a reset starts another. */
export interface Epoch {
  tables: ProfileTables;
  importer: TableImporter;
}

export interface ShelvedWindow {
  /** Undefined for a window of a file, which is held decoded. */
  readonly encoded: { readonly bytes: Uint8Array; readonly epoch: Epoch } | undefined;
  readonly sequence: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly lost: number;
  readonly tauNs: number;
  readonly governed: boolean;
  /** Exact time waited by process, for the time strip. */
  readonly tgid: Int32Array;
  readonly blockedNs: Float64Array;
  readonly runqNs: Float64Array;
  readonly preemptedNs: Float64Array;
  /** Kept while few rows are shown, so that a window need not be decoded again to slide out. */
  decoded: ProfileWindow | undefined;
}

/** Bytes of windows kept, encoded: 15 minutes at 100 KiB a window, and room for a burst. Beyond it the oldest go first. */
export const MAX_SHELF_BYTES = 160 * 1024 * 1024;

export class WindowShelf {
  readonly tables: ProfileTables;
  #windows: ShelvedWindow[] = [];
  #bytes = 0;

  constructor(tables: ProfileTables) {
    this.tables = tables;
  }

  /** Oldest first. */
  get windows(): readonly ShelvedWindow[] {
    return this.#windows;
  }

  get newest(): ShelvedWindow | undefined {
    return this.#windows.at(-1);
  }

  newEpoch(tables: ProfileTables): Epoch {
    return { tables, importer: new TableImporter(tables, this.tables) };
  }

  /**
   * Shelves an encoded window and returns it decoded; undefined when it is there already, as after a reconnect.
   * Throws ProtocolError.
   */
  add(bytes: Uint8Array, epoch: Epoch): ProfileWindow | undefined {
    const window = epoch.importer.window(decodeWindow(bytes, epoch.tables));
    if (this.#holds(window)) return undefined;
    this.#windows.push(toShelved(window, { bytes, epoch }));
    this.#bytes += bytes.length;
    return window;
  }

  /** Shelves a window that points into `tables` already; it is held as it is. */
  addDecoded(window: ProfileWindow): void {
    this.#windows.push(toShelved(window, undefined));
  }

  decode({ decoded, encoded }: ShelvedWindow): ProfileWindow {
    if (decoded !== undefined) return decoded;
    if (encoded === undefined) throw new Error('a shelved window has neither bytes nor columns');
    return encoded.epoch.importer.window(decodeWindow(encoded.bytes, encoded.epoch.tables));
  }

  /** Drops what ended before `beforeMs`, unless `isPinned`, and the oldest beyond the bound on bytes. */
  evict(
    beforeMs: number,
    isPinned: (window: ShelvedWindow) => boolean,
    maxBytes: number = MAX_SHELF_BYTES,
  ): void {
    let excessBytes = this.#bytes - maxBytes;
    if (excessBytes <= 0 && (this.#windows[0]?.endMs ?? Number.POSITIVE_INFINITY) >= beforeMs) return;
    this.#windows = this.#windows.filter((window) => {
      if (excessBytes <= 0 && (window.endMs >= beforeMs || isPinned(window))) return true;
      const bytes = window.encoded?.bytes.length ?? 0;
      excessBytes -= bytes;
      this.#bytes -= bytes;
      return false;
    });
  }

  #holds(window: ProfileWindow): boolean {
    // Duplicates are recent: only the windows after a reconnect can repeat.
    for (let index = this.#windows.length - 1; index >= 0; index--) {
      const held = this.#windows[index]!;
      if (held.sequence === window.sequence && held.startMs === window.startMs) return true;
      if (held.endMs < window.startMs) return false;
    }
    return false;
  }
}

function toShelved(window: ProfileWindow, encoded: ShelvedWindow['encoded']): ShelvedWindow {
  return {
    encoded,
    sequence: window.sequence,
    startMs: window.startMs,
    endMs: window.endMs,
    lost: Object.values(window.losses).reduce((sum, count) => sum + count, 0),
    tauNs: window.tauNs,
    governed: window.governed,
    ...sumByProcess(window),
    decoded: encoded === undefined ? window : undefined,
  };
}

function sumByProcess(
  window: ProfileWindow,
): Pick<ShelvedWindow, 'tgid' | 'blockedNs' | 'runqNs' | 'preemptedNs'> {
  const { threads } = window;
  const indexOf = new Map<number, number>();
  for (const tgid of threads.tgid) if (!indexOf.has(tgid)) indexOf.set(tgid, indexOf.size);
  const sums = {
    tgid: Int32Array.from(indexOf.keys()),
    blockedNs: new Float64Array(indexOf.size),
    runqNs: new Float64Array(indexOf.size),
    preemptedNs: new Float64Array(indexOf.size),
  };
  for (let thread = 0; thread < threads.tgid.length; thread++) {
    const index = indexOf.get(threads.tgid[thread]!)!;
    sums.blockedNs[index]! += threads.blockedNs[thread]!;
    sums.runqNs[index]! += threads.runqNs[thread]!;
    sums.preemptedNs[index]! += threads.preemptedNs[thread]!;
  }
  return sums;
}
