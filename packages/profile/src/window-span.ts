/**
 * Owns the state of a selected span of time: all that a live page shows of the windows in it, kept up to date as
 * windows come in at one end and leave at the other.
 *
 * Invariant: equal to a span made afresh from the windows it holds. Process names are the exception: they are kept,
 * as a process that has exited is still shown.
 */
import { RowAggregate } from './row-aggregate.js';
import type { ProfileTables } from './tables.js';
import { ThreadAggregate } from './thread-aggregate.js';
import { toWallRows } from './wall.js';
import { LOSSES, type LossCounts, type ProfileWindow, type Rows, type Threads } from './window.js';

export interface WindowSpanOptions {
  /** Default false. */
  isOfLives?: boolean | undefined;
  /** What is summed of a window: always the same of the same window. Default all of it. */
  partOf?: ((window: ProfileWindow) => ProfileWindow) | undefined;
}

export class WindowSpan {
  readonly tables: ProfileTables;
  /** Rows are those of lives of threads, of which the wall view is made, not of waits and samples. */
  readonly isOfLives: boolean;
  /** tgid → name, of every process that any window of this span has named. */
  readonly processNames = new Map<number, string>();
  readonly #rows = new RowAggregate();
  readonly #threads = new ThreadAggregate();
  readonly #losses: LossCounts = {};
  readonly #partOf: (window: ProfileWindow) => ProfileWindow;
  #windowCount = 0;

  constructor(tables: ProfileTables, { isOfLives = false, partOf }: WindowSpanOptions = {}) {
    this.tables = tables;
    this.isOfLives = isOfLives;
    this.#partOf = partOf ?? ((window) => window);
  }

  add(window: ProfileWindow): void {
    const part = this.#partOf(window);
    this.#rows.add(this.#ofRows(part));
    this.#threads.add(part);
    for (const loss of LOSSES) {
      const count = window.losses[loss] ?? 0;
      if (count > 0) this.#losses[loss] = (this.#losses[loss] ?? 0) + count;
    }
    this.tables.who.add(window.processes);
    const { tgid, name } = window.processes;
    for (let i = 0; i < tgid.length; i++) this.processNames.set(tgid[i]!, this.tables.strings[name[i]!]!);
    this.#windowCount++;
  }

  /** Takes out a window that was added before; throws when it was not. */
  remove(window: ProfileWindow): void {
    const part = this.#partOf(window);
    this.#rows.remove(this.#ofRows(part));
    this.#threads.remove(part);
    for (const loss of LOSSES) {
      const left = (this.#losses[loss] ?? 0) - (window.losses[loss] ?? 0);
      if (left > 0) this.#losses[loss] = left;
      else delete this.#losses[loss];
    }
    this.#windowCount--;
  }

  #ofRows(window: ProfileWindow): Pick<ProfileWindow, 'rows'> {
    return this.isOfLives ? { rows: toWallRows(window) } : window;
  }

  rows(): Rows {
    return this.#rows.rows();
  }

  threads(): Threads {
    return this.#threads.threads();
  }

  /** Only counters that lost something. */
  losses(): LossCounts {
    return { ...this.#losses };
  }

  get windowCount(): number {
    return this.#windowCount;
  }
}
