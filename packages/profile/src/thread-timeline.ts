/**
 * Owns what each thread of one process was at over a stretch of time: its exact counters by column, a column a window
 * where there are few and several windows where there are many. Pure.
 *
 *     windows   |--1--|--2--|     gap     |--5--|--6--|
 *     main      | cpu | blk |/////////////| blk | cpu |      a cell: ns of each kind, by the counters of its windows
 *     worker    |     |  [b |/////////////| b]  |     |      born within 2, died within 5
 *
 * Where in a window a kind was is not known, so a cell says how much of each, never when. When a thread was born or died in a
 * window is: it lived from there on, or until then, for as long as its counters say.
 *
 * Invariant: cells of a column add up to the counters of its windows, kind by kind; a window is counted once.
 */
import { ROW_KINDS } from './kinds.js';
import { LIFE_COLUMNS } from './wall.js';
import type { ProfileWindow } from './window.js';

/** Columns at most: as many as can be told apart beside each other on a wide screen. */
export const MAX_TIMELINE_COLUMNS = 240;

/** Threads kept of one column, and rows at most: 960,000 cells, 15 MB. Of more, those that lived longest are shown. */
export const MAX_TIMELINE_THREADS = 4000;

/** Lengths of columns where a window each would be too many, ms. */
const COLUMN_LENGTHS_MS = [
  1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 300_000, 900_000, 3_600_000,
] as const;

/** Windows begin within this of the end of the one before, by rounding of clocks; a longer distance is a gap. */
export const GAP_FROM_MS = 50;

/** Numbers of a cell. */
export const LIFE_KINDS = ROW_KINDS.length;

/** What a timeline needs of a window without decoding it. */
export interface TimelineWindow {
  readonly sequence: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** Why nothing is known of a stretch. */
export const GAP_REASONS = [
  /** Before the first window that is held, and after the last. */
  'before-first',
  'after-last',
  /** Windows were made and did not come, or were not kept. */
  'lost',
  /** The agent began anew. */
  'agent-started',
  /** No window was made: the host, or the agent, stood still. */
  'not-measured',
  /** Windows of a version that did not count lives of threads. */
  'no-counters',
] as const;
export type GapReason = (typeof GAP_REASONS)[number];

export interface TimelineGap {
  fromMs: number;
  toMs: number;
  reason: GapReason;
  /** Of `lost`: how many windows. */
  windows: number;
}

/** Rows are in order of tid, columns in order of time. */
export interface ThreadTimeline {
  tgid: number;
  fromMs: number;
  toMs: number;
  /** Of the first window of each column, and of the last. */
  startMs: Float64Array;
  endMs: Float64Array;
  gaps: TimelineGap[];
  tid: Int32Array;
  /** The last that was seen. */
  name: string[];
  /** NaN where it lived before what is known, or still does. */
  bornMs: Float64Array;
  diedMs: Float64Array;
  /** 1 where all that is known of a thread that died is within one window: when in it is not, and the above are its ends. */
  isInOneWindow: Uint8Array;
  /** ns, at (row × columns + column) × LIFE_KINDS + index into ROW_KINDS. */
  lifeNs: Float32Array;
  /** Threads beyond the bound on rows; at least so many. */
  leftOut: number;
}

/** Index of a window's column, by its place in time where columns are longer than windows. */
export function columnLengthMs(windows: readonly TimelineWindow[]): number | null {
  if (windows.length <= MAX_TIMELINE_COLUMNS) return null;
  const lengthMs = windows.at(-1)!.endMs - windows[0]!.startMs;
  // A grid cuts a stretch at both ends.
  return (
    COLUMN_LENGTHS_MS.find((each) => lengthMs / each <= MAX_TIMELINE_COLUMNS - 1) ?? COLUMN_LENGTHS_MS.at(-1)!
  );
}

/** Sums of the windows of one column, of the threads of one process. */
export class TimelineColumn {
  readonly #at = new Map<number, number>();
  readonly tid: number[] = [];
  /** String ids. */
  readonly comm: number[] = [];
  /** ns, LIFE_KINDS a thread. */
  readonly lifeNs: number[] = [];
  /** Of the first window that has the thread: its start and the life in it; and of the last its end and the life. */
  readonly firstStartMs: number[] = [];
  readonly firstLifeNs: number[] = [];
  readonly lastEndMs: number[] = [];
  readonly lastLifeNs: number[] = [];
  /** Starts of the windows that are in it. */
  readonly windows = new Set<number>();
  startMs = Number.POSITIVE_INFINITY;
  endMs = Number.NEGATIVE_INFINITY;
  leftOut = 0;

  /** Windows in order of time. @param isShown whether an entry of the window's threads is asked for */
  add(
    { threads, startMs, endMs }: Pick<ProfileWindow, 'threads' | 'startMs' | 'endMs'>,
    isShown: (entry: number) => boolean,
  ): void {
    this.windows.add(startMs);
    this.startMs = Math.min(this.startMs, startMs);
    this.endMs = Math.max(this.endMs, endMs);
    for (let entry = 0; entry < threads.tid.length; entry++) {
      if (!isShown(entry)) continue;
      let livedNs = 0;
      for (const column of LIFE_COLUMNS) livedNs += threads[column][entry]!;
      if (livedNs === 0) continue;
      const tid = threads.tid[entry]!;
      let at = this.#at.get(tid);
      if (at === undefined) {
        if (this.tid.length >= MAX_TIMELINE_THREADS) {
          this.leftOut++;
          continue;
        }
        at = this.tid.length;
        this.#at.set(tid, at);
        this.tid.push(tid);
        this.comm.push(0);
        for (let kind = 0; kind < LIFE_KINDS; kind++) this.lifeNs.push(0);
        this.firstStartMs.push(startMs);
        this.firstLifeNs.push(0);
        this.lastEndMs.push(endMs);
        this.lastLifeNs.push(0);
      }
      this.comm[at] = threads.comm[entry]!;
      // A thread that was renamed has an entry a name.
      if (this.firstStartMs[at] === startMs) this.firstLifeNs[at]! += livedNs;
      this.lastLifeNs[at] = (this.lastEndMs[at] === endMs ? this.lastLifeNs[at]! : 0) + livedNs;
      this.lastEndMs[at] = endMs;
      for (const [kind, column] of LIFE_COLUMNS.entries()) {
        this.lifeNs[at * LIFE_KINDS + kind]! += threads[column][entry]!;
      }
    }
  }
}

export interface TimelineSource {
  tgid: number;
  fromMs: number;
  toMs: number;
  /** All of the stretch, in order of time, and whether each has counters of lives. */
  windows: readonly TimelineWindow[];
  hasCounters: (window: TimelineWindow) => boolean;
  /** The window before the first of them, where one is held. */
  earlier?: TimelineWindow | undefined;
  /** What was summed of them, in order of time. */
  columns: readonly TimelineColumn[];
  strings: readonly string[];
}

export function toThreadTimeline(source: TimelineSource): ThreadTimeline {
  const { columns, strings } = source;
  const counted = source.windows.filter(source.hasCounters);
  const before = new Map<number, boolean>();
  const after = new Map<number, boolean>();
  for (const [index, window] of counted.entries()) {
    const earlier = counted[index - 1];
    const later = counted[index + 1];
    before.set(window.startMs, earlier !== undefined && window.startMs - earlier.endMs < GAP_FROM_MS);
    after.set(window.endMs, later !== undefined && later.startMs - window.endMs < GAP_FROM_MS);
  }
  const { tids, leftOut } = toRows(columns);
  const rowOf = new Map<number, number>();
  for (const [row, tid] of tids.entries()) rowOf.set(tid, row);
  const timeline: ThreadTimeline = {
    tgid: source.tgid,
    fromMs: source.fromMs,
    toMs: source.toMs,
    startMs: Float64Array.from(columns, ({ startMs }) => startMs),
    endMs: Float64Array.from(columns, ({ endMs }) => endMs),
    gaps: toGaps(source),
    tid: Int32Array.from(tids),
    name: tids.map(() => ''),
    bornMs: new Float64Array(tids.length).fill(Number.NaN),
    diedMs: new Float64Array(tids.length).fill(Number.NaN),
    isInOneWindow: new Uint8Array(tids.length),
    lifeNs: new Float32Array(tids.length * columns.length * LIFE_KINDS),
    leftOut,
  };
  const isSeen = new Uint8Array(tids.length);
  const first = new Float64Array(tids.length);
  const lastOf: { column: TimelineColumn; at: number }[] = [];
  for (const [index, column] of columns.entries()) {
    for (const [at, tid] of column.tid.entries()) {
      const row = rowOf.get(tid);
      if (row === undefined) continue;
      if (isSeen[row] === 0) {
        isSeen[row] = 1;
        first[row] = column.firstStartMs[at]!;
        timeline.bornMs[row] =
          before.get(column.firstStartMs[at]!) === true ? column.firstStartMs[at]! : Number.NaN;
      }
      timeline.name[row] = strings[column.comm[at]!]!;
      lastOf[row] = { column, at };
      const cell = (row * columns.length + index) * LIFE_KINDS;
      for (let kind = 0; kind < LIFE_KINDS; kind++) {
        timeline.lifeNs[cell + kind] = column.lifeNs[at * LIFE_KINDS + kind]!;
      }
    }
  }
  const endOf = new Map(counted.map(({ startMs, endMs }) => [startMs, endMs]));
  const startOf = new Map(counted.map(({ startMs, endMs }) => [endMs, startMs]));
  const firstLifeNs = firstLives(columns, rowOf);
  for (const [row, { column, at }] of lastOf.entries()) {
    const lastEndMs = column.lastEndMs[at]!;
    const hasDied = after.get(lastEndMs) === true;
    if (hasDied) timeline.diedMs[row] = lastEndMs;
    const bornIn = timeline.bornMs[row]!;
    const isOfOneWindow = endOf.get(first[row]!) === lastEndMs;
    if (isOfOneWindow && hasDied) {
      timeline.isInOneWindow[row] = 1;
      continue;
    }
    if (!Number.isNaN(bornIn)) {
      timeline.bornMs[row] = Math.max(bornIn, endOf.get(bornIn)! - firstLifeNs[row]! / 1e6);
    }
    if (hasDied) {
      timeline.diedMs[row] = Math.min(lastEndMs, startOf.get(lastEndMs)! + column.lastLifeNs[at]! / 1e6);
    }
  }
  return timeline;
}

/** tids in order; of more than fit, those that lived longest. */
function toRows(columns: readonly TimelineColumn[]): { tids: number[]; leftOut: number } {
  const lived = new Map<number, number>();
  let leftOut = 0;
  for (const column of columns) {
    leftOut = Math.max(leftOut, column.leftOut);
    for (const [at, tid] of column.tid.entries()) {
      let ns = lived.get(tid) ?? 0;
      for (let kind = 0; kind < LIFE_KINDS; kind++) ns += column.lifeNs[at * LIFE_KINDS + kind]!;
      lived.set(tid, ns);
    }
  }
  let tids = [...lived.keys()];
  if (tids.length > MAX_TIMELINE_THREADS) {
    leftOut += tids.length - MAX_TIMELINE_THREADS;
    tids.sort((a, b) => lived.get(b)! - lived.get(a)! || a - b);
    tids = tids.slice(0, MAX_TIMELINE_THREADS);
  }
  return { tids: tids.sort((a, b) => a - b), leftOut };
}

function firstLives(columns: readonly TimelineColumn[], rowOf: ReadonlyMap<number, number>): Float64Array {
  const lives = new Float64Array(rowOf.size);
  for (const column of [...columns].reverse()) {
    for (const [at, tid] of column.tid.entries()) {
      const row = rowOf.get(tid);
      if (row !== undefined) lives[row] = column.firstLifeNs[at]!;
    }
  }
  return lives;
}

/** Stretches without counters: before the first window, between two, after the last, and windows that have none. */
export function toGaps({
  windows,
  hasCounters,
  fromMs,
  toMs,
  earlier: outside,
}: Pick<TimelineSource, 'windows' | 'hasCounters' | 'fromMs' | 'toMs' | 'earlier'>): TimelineGap[] {
  const gaps: TimelineGap[] = [];
  for (const [index, window] of windows.entries()) {
    const earlier = windows[index - 1] ?? outside;
    const sinceMs = Math.max(fromMs, earlier?.endMs ?? fromMs);
    if (window.startMs - sinceMs >= GAP_FROM_MS) {
      gaps.push({ fromMs: sinceMs, toMs: window.startMs, ...gapBetween(earlier, window) });
    }
    if (hasCounters(window)) continue;
    const last = gaps.at(-1);
    if (last?.reason === 'no-counters' && window.startMs - last.toMs < GAP_FROM_MS) last.toMs = window.endMs;
    else gaps.push({ fromMs: window.startMs, toMs: window.endMs, reason: 'no-counters', windows: 0 });
  }
  const untilMs = windows.at(-1)?.endMs ?? fromMs;
  if (toMs - untilMs >= GAP_FROM_MS) {
    gaps.push({
      fromMs: untilMs,
      toMs,
      reason: windows.length > 0 ? 'after-last' : 'before-first',
      windows: 0,
    });
  }
  return gaps;
}

function gapBetween(
  earlier: TimelineWindow | undefined,
  later: TimelineWindow,
): Pick<TimelineGap, 'reason' | 'windows'> {
  if (earlier === undefined) return { reason: 'before-first', windows: 0 };
  const missing = later.sequence - earlier.sequence - 1;
  if (missing > 0) {
    // A window that was merged of several has the number of its last: never more than the gap has room for.
    const room = Math.round((later.startMs - earlier.endMs) / (earlier.endMs - earlier.startMs));
    return { reason: 'lost', windows: Math.min(missing, Math.max(1, room)) };
  }
  return { reason: missing < 0 ? 'agent-started' : 'not-measured', windows: 0 };
}
