/**
 * Owns the timeline of the threads of a process: which windows it is of, and what was summed of them. Each window is decoded
 * once while whose threads are asked for stays the same.
 */
import {
  columnLengthMs,
  GAP_FROM_MS,
  hasLives,
  LIFE_COLUMNS,
  type ProfileTables,
  type ProfileWindow,
  type Query,
  type ThreadTimeline,
  TimelineColumn,
  toThreadTimeline,
  toWhoMatcher,
} from '@stallscope/profile';
import { type FrameAsk, HeldFrame } from '../live/held-frame';
import type { ShelvedWindow } from '../live/window-shelf';

export interface TimelineAsk extends FrameAsk {
  query: Query;
}

export interface TimelineWindows {
  readonly tables: ProfileTables;
  /** Oldest first. */
  readonly shelved: readonly ShelvedWindow[];
  decode(window: ShelvedWindow): ProfileWindow;
}

/** The timeline, and the sums of the stretch that is shown: what its rows are sorted by and say. */
export interface TimelineView extends ThreadTimeline {
  /** By row, in order of ROW_KINDS: ns within the stretch that is shown, by the counters that the graph is made of. */
  shownNs: Float64Array[];
}

export class TimelineSum {
  #whose = '';
  #columns = new Map<number, TimelineColumn>();
  #columnMs: number | null = null;
  readonly #frame = new HeldFrame();
  /** Of windows that were decoded: whether they have counters of lives. */
  #hasCounters = new WeakMap<ShelvedWindow, boolean>();

  /** Null where no process is asked for. @param threads the exact counters of the stretch that is shown */
  of(held: TimelineWindows, ask: TimelineAsk, threads: ProfileWindow['threads']): TimelineView | null {
    const tgid = ask.query.tgids?.[0];
    if (tgid === undefined) return null;
    const whose = JSON.stringify([tgid, ask.query.who]);
    if (whose !== this.#whose) this.#columns.clear();
    this.#whose = whose;
    const asked = this.#frame.of(held.shelved, ask);
    const windows = held.shelved.filter(({ startMs, endMs }) => {
      const middleMs = (startMs + endMs) / 2;
      return middleMs > asked.fromMs && middleMs <= asked.toMs;
    });
    const first = windows[0];
    const earlier = first && held.shelved[held.shelved.indexOf(first) - 1];
    // It begins with its first window, but for a gap before it.
    const isWhole = earlier !== undefined && first!.startMs - earlier.endMs < GAP_FROM_MS;
    const frame = isWhole ? { ...asked, fromMs: first!.startMs } : asked;
    const isWanted = ask.query.who && toWhoMatcher(held.tables, ask.query.who);
    const columns = this.#columnsOf(held, windows, (table, entry) => {
      return table.tgid[entry] === tgid && (isWanted === undefined || isWanted(table, entry));
    });
    const timeline = toThreadTimeline({
      ...{ tgid, ...frame, windows, earlier, columns, strings: held.tables.strings },
      hasCounters: (window) => this.#hasCounters.get(window as ShelvedWindow) === true,
    });
    return { ...timeline, shownNs: toShownNs(timeline, threads) };
  }

  /** Another host, or other tables: nothing that was summed means anything. */
  forget(): void {
    this.#whose = '';
    this.#columns.clear();
    this.#frame.forget();
    this.#hasCounters = new WeakMap();
  }

  #columnsOf(
    held: TimelineWindows,
    windows: readonly ShelvedWindow[],
    isOfProcess: (table: ProfileWindow['threads'], entry: number) => boolean,
  ): TimelineColumn[] {
    const columnMs = columnLengthMs(windows);
    if (columnMs !== this.#columnMs) this.#columns.clear();
    this.#columnMs = columnMs;
    const wanted = new Map<number, TimelineColumn>();
    for (const [key, group] of groupsOf(windows, columnMs)) {
      let column = this.#columns.get(key) ?? new TimelineColumn();
      let missing = group.filter(({ startMs }) => !column.windows.has(startMs));
      // Windows are summed in order of time: where older ones come late, all anew.
      if (missing.some(({ startMs, endMs }) => (startMs + endMs) / 2 < column.endMs)) {
        column = new TimelineColumn();
        missing = group;
      }
      for (const window of missing) {
        const decoded = held.decode(window);
        this.#hasCounters.set(window, hasLives(decoded));
        column.add(decoded, (entry) => isOfProcess(decoded.threads, entry));
      }
      wanted.set(key, column);
    }
    this.#columns = wanted;
    return [...wanted.values()];
  }
}

/** By column: each window its own, or those with their middle in the same length of the clock. In order of time. */
function groupsOf(
  windows: readonly ShelvedWindow[],
  columnMs: number | null,
): ReadonlyMap<number, ShelvedWindow[]> {
  const groups = new Map<number, ShelvedWindow[]>();
  for (const window of windows) {
    const { startMs, endMs } = window;
    const key = columnMs === null ? startMs : Math.floor((startMs + endMs) / 2 / columnMs);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [window]);
    else group.push(window);
  }
  return groups;
}

/** What is large, to be handed over instead of copied. */
export function columnsOfTimeline(timeline: TimelineView): ArrayBufferView<ArrayBuffer>[] {
  const { startMs, endMs, tid, bornMs, diedMs, isInOneWindow, lifeNs, shownNs } = timeline;
  return [
    startMs,
    endMs,
    tid,
    bornMs,
    diedMs,
    isInOneWindow,
    lifeNs,
    ...shownNs,
  ] as ArrayBufferView<ArrayBuffer>[];
}

function toShownNs({ tgid, tid }: ThreadTimeline, threads: ProfileWindow['threads']): Float64Array[] {
  const rowOf = new Map<number, number>();
  for (const [row, each] of tid.entries()) rowOf.set(each, row);
  const shownNs = LIFE_COLUMNS.map(() => new Float64Array(tid.length));
  for (let entry = 0; entry < threads.tid.length; entry++) {
    if (threads.tgid[entry] !== tgid) continue;
    const row = rowOf.get(threads.tid[entry]!);
    if (row === undefined) continue;
    for (const [kind, column] of LIFE_COLUMNS.entries()) shownNs[kind]![row]! += threads[column][entry]!;
  }
  return shownNs;
}
