/**
 * Owns the windows that wait for the hub: in order, bounded, and counted when there are too many.
 * When the hub is away, neighbours are merged first (time resolution goes, no wait does); only when that is not enough
 * the oldest is dropped, and the drop is a loss of the next window that is sent.
 * Pure: no clock, no socket.
 */
import { mergeWindows, type ProfileTables, type ProfileWindow, rowCount } from '@stallscope/profile';

export interface QueuedWindow {
  tables: ProfileTables;
  window: ProfileWindow;
  /** Sent before, and not acknowledged: the hub may have it, so it can only be sent again as it is. */
  wasSent?: boolean;
  /** How many windows were merged to it; one when absent. */
  windows?: number;
}

export interface QueueBounds {
  /** Windows kept apart. */
  windows: number;
  /** Rows kept in all. */
  rows: number;
  /** Merged windows are no longer than this, ms. */
  mergedMs: number;
}

/**
 * Two minutes at 1 s; about 40 MB of rows, where a window of an ordinary host has a few hundred; still fine enough to see
 * when something happened.
 */
export const QUEUE_BOUNDS: QueueBounds = { windows: 120, rows: 200_000, mergedMs: 10_000 };

export class UplinkQueue {
  readonly #bounds: QueueBounds;
  #windows: QueuedWindow[] = [];
  #rows = 0;
  #dropped = 0;

  constructor(bounds: QueueBounds = QUEUE_BOUNDS) {
    this.#bounds = bounds;
  }

  get length(): number {
    return this.#windows.length;
  }

  push(entry: QueuedWindow): void {
    this.#windows.push(entry);
    this.#rows += rowCount(entry.window.rows);
    const { windows, rows } = this.#bounds;
    while (this.#windows.length > windows || (this.#rows > rows && this.#windows.length > 1)) {
      if (!this.#mergeOldest()) this.#dropOldest();
    }
  }

  /** The oldest, with the drops since the last one counted in it. */
  shift(): QueuedWindow | undefined {
    const entry = this.#windows.shift();
    if (entry === undefined) return undefined;
    this.#rows -= rowCount(entry.window.rows);
    if (this.#dropped > 0) {
      const { losses } = entry.window;
      losses['uplink-dropped'] = (losses['uplink-dropped'] ?? 0) + this.#dropped;
      this.#dropped = 0;
    }
    return entry;
  }

  /** Puts back, in front and in order, what was sent and not acknowledged. */
  putBack(entries: readonly QueuedWindow[]): void {
    this.#windows.unshift(...entries.map((entry) => ({ ...entry, wasSent: true })));
    for (const { window } of entries) this.#rows += rowCount(window.rows);
  }

  /** Counts a window that is not going to be sent at all, as all that it was made of. */
  drop({ window, windows = 1 }: QueuedWindow): void {
    this.#dropped += windows + (window.losses['uplink-dropped'] ?? 0);
  }

  /** Merges the oldest two neighbours that may be; false when there are none, or merging would not make room. */
  #mergeOldest(): boolean {
    for (let i = 0; i + 1 < this.#windows.length; i++) {
      const first = this.#windows[i]!;
      const second = this.#windows[i + 1]!;
      if (first.tables !== second.tables || first.wasSent || second.wasSent) continue;
      if (second.window.endMs - first.window.startMs > this.#bounds.mergedMs) continue;
      const rowsBefore = rowCount(first.window.rows) + rowCount(second.window.rows);
      const window = mergeWindows([first.window, second.window]);
      const rows = rowCount(window.rows);
      if (this.#rows > this.#bounds.rows && rows === rowsBefore) continue;
      const windows = (first.windows ?? 1) + (second.windows ?? 1);
      this.#windows.splice(i, 2, { tables: first.tables, window, windows });
      this.#rows += rows - rowsBefore;
      return true;
    }
    return false;
  }

  #dropOldest(): void {
    const entry = this.#windows.shift();
    if (entry === undefined) return;
    this.#rows -= rowCount(entry.window.rows);
    this.drop(entry);
  }
}
