/**
 * Owns a heatmap of the windows that are held: counts by column and bucket, the percentiles of each column, and which
 * operations there are. Each window is decoded once while whose operations are asked for stays the same.
 *
 *     windows │w1│w2│  │w4│w5│w6│      a column each; where they are more than MAX_HEAT_COLUMNS, some that follow each other
 *     columns │c0│c1│  │c2│c3│c4│      w1, w2 not collected: columns that are gaps, and say so
 *
 * Invariant: all that was counted in the frame is in exactly one column and bucket; none is shared out or drawn twice.
 */
import {
  BUCKETS,
  emptyCounts,
  emptyGrid,
  GAP,
  type HeatGrid,
  type HeatmapName,
  heatmapOf,
  IN_PART,
  LEAST_COUNT_OF_PERCENTILES,
  percentile,
  QUARTERS,
  REFUSED,
  totalCount,
  WHOLE,
} from '@stallscope/latency';
import {
  PROBE_STATES,
  type ProbeState,
  type ProfileTables,
  type ProfileWindow,
  type Query,
  toHeatmapMatcher,
  toWhoMatcher,
} from '@stallscope/profile';
import type { FrameEnds } from '../live/held-frame';
import type { ShelvedWindow } from '../live/window-shelf';

export interface HeatWindows {
  readonly tables: ProfileTables;
  /** Oldest first. */
  readonly shelved: readonly ShelvedWindow[];
  decode(window: ShelvedWindow): ProfileWindow;
}

export interface HeatAsk {
  name: HeatmapName;
  /** One operation alone, one target alone; null: all. */
  operation: string | null;
  target: string | null;
  /** Whose operations; kinds and states of waits are not asked. */
  whose: Pick<Query, 'tgids' | 'tids' | 'who'>;
}

/** Shares whose lines may be drawn, lowest first. */
export const HEAT_PERCENTILES = [0.5, 0.95, 0.99] as const;

/** Columns of one heatmap: a quarter of an hour at a window a second, and hardly wider than a pixel each. */
export const MAX_HEAT_COLUMNS = 960;

/** Operations that are offered, those that were most: no probe has many more names. */
const MAX_OPERATIONS = 400;

/** Buckets drawn where nothing was counted: 1 µs to 1 s. */
const IDLE_RANGE = { fromBucket: 10 * QUARTERS, toBucket: 30 * QUARTERS };
/** Octaves drawn at least, so that a few cells do not fill the picture. */
const LEAST_OCTAVES = 8;
/** The axis gives up octaves that were not needed only when they are many, so that it stands still. */
const SPARE_OCTAVES = 4;

export interface HeatOperation {
  operation: string;
  target: string;
  count: number;
}

/** What became of the collection in the windows of a frame. */
export interface HeatCollection {
  windows: number;
  /** Of them, those that counted, for all of the window or for a part. */
  collected: number;
  /** Of the newest window; 'absent': nobody asked for it then. Null without a window. */
  newest: ProbeState | 'absent' | null;
  /** What the newest window in which the probe is says of it: why it was refused, or what its route does not see. */
  detail: string;
}

export interface HeatTotal {
  count: number;
  /** By HEAT_PERCENTILES, ns, within a bucket; NaN of nothing. */
  ns: number[];
}

export interface HeatView {
  name: HeatmapName;
  grid: HeatGrid;
  /** By HEAT_PERCENTILES, then by column: ns, NaN where too few were counted. */
  percentiles: Float64Array[];
  /** Of the whole frame, whatever operation is asked for; those that were most first. */
  operations: HeatOperation[];
  /** Operations that are not among those. */
  moreOperations: number;
  /** Of all that is drawn. */
  total: HeatTotal;
  collection: HeatCollection;
  /** What the probe cost in the newest window, in words of a share of a CPU and runs a second; null where it was not measured. */
  cost: HeatCost | null;
}

export interface HeatCost {
  /** Of one CPU. */
  share: number;
  runsPerSecond: number;
}

/** Counts of one operation on one target in a window, sparse. */
interface Counted {
  operation: string;
  target: string;
  bucket: number[];
  count: number[];
}

interface CountedWindow {
  state: ProbeState | 'absent';
  detail: string;
  cost: HeatCost | null;
  counted: Counted[];
}

export class HeatSum {
  #whose = '';
  #windows = new WeakMap<ShelvedWindow, CountedWindow>();
  #range = { key: '', fromBucket: 0, toBucket: 0 };

  of(held: HeatWindows, frame: FrameEnds, ask: HeatAsk): HeatView {
    const whose = JSON.stringify([ask.name, ask.whose]);
    if (whose !== this.#whose) this.#windows = new WeakMap();
    this.#whose = whose;
    const windows = held.shelved.filter(({ startMs, endMs }) => {
      const middleMs = (startMs + endMs) / 2;
      return middleMs > frame.fromMs && middleMs <= frame.toMs;
    });
    const columns = toColumns(windows);
    const isWanted = ({ operation, target }: Counted): boolean =>
      (ask.operation === null || operation === ask.operation) &&
      (ask.target === null || target === ask.target);
    const operations = new Map<string, HeatOperation>();
    const sums = columns.map((group) => {
      const counts = emptyCounts();
      const states: CountedWindow['state'][] = [];
      for (const window of group) {
        const { state, counted } = this.#countedOf(held, window, ask);
        states.push(state);
        for (const each of counted) {
          addOperation(operations, each);
          if (!isWanted(each)) continue;
          for (let at = 0; at < each.bucket.length; at++) counts[each.bucket[at]!]! += each.count[at]!;
        }
      }
      return { counts, collected: toCollected(states) };
    });
    const all = emptyCounts();
    for (const { counts } of sums)
      for (let bucket = 0; bucket < BUCKETS; bucket++) all[bucket]! += counts[bucket]!;
    const range = this.#rangeOf(all, JSON.stringify([whose, ask.operation, ask.target]));
    const grid = emptyGrid(
      { ...frame, ...range },
      columns.map((group) => ({ startMs: group[0]!.startMs, endMs: group.at(-1)!.endMs })),
    );
    const rows = range.toBucket - range.fromBucket;
    const percentiles = HEAT_PERCENTILES.map(() => new Float64Array(columns.length).fill(Number.NaN));
    for (const [column, { counts, collected }] of sums.entries()) {
      grid.collected[column] = collected;
      for (let row = 0; row < rows; row++) grid.counts[column * rows + row] = counts[range.fromBucket + row]!;
      if (totalCount(counts) < LEAST_COUNT_OF_PERCENTILES) continue;
      for (const [index, share] of HEAT_PERCENTILES.entries()) {
        percentiles[index]![column] = percentile(counts, share)?.ns ?? Number.NaN;
      }
    }
    const sorted = [...operations.values()].sort(
      (a, b) => b.count - a.count || (a.operation + a.target < b.operation + b.target ? -1 : 1),
    );
    return {
      name: ask.name,
      grid,
      percentiles,
      operations: sorted.slice(0, MAX_OPERATIONS),
      moreOperations: Math.max(0, sorted.length - MAX_OPERATIONS),
      total: toHeatTotal(all),
      collection: this.#collectionOf(held, windows, ask),
      cost: windows.length === 0 ? null : this.#countedOf(held, windows.at(-1)!, ask).cost,
    };
  }

  #countedOf(held: HeatWindows, window: ShelvedWindow, ask: HeatAsk): CountedWindow {
    let counted = this.#windows.get(window);
    if (counted === undefined) {
      counted = countWindow(held.tables, held.decode(window), ask);
      this.#windows.set(window, counted);
    }
    return counted;
  }

  #collectionOf(held: HeatWindows, windows: readonly ShelvedWindow[], ask: HeatAsk): HeatCollection {
    const states = windows.map((window) => this.#countedOf(held, window, ask));
    const newest = states.at(-1);
    return {
      windows: windows.length,
      collected: states.filter(({ state }) => state === 'on' || state === 'starting').length,
      newest: newest?.state ?? null,
      detail: states.findLast(({ state }) => state !== 'absent')?.detail ?? '',
    };
  }

  /** Whole octaves around what was counted; it grows at once and shrinks only by many. */
  #rangeOf(counts: ArrayLike<number>, key: string): { fromBucket: number; toBucket: number } {
    let first = BUCKETS;
    let last = -1;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      if (counts[bucket]! === 0) continue;
      first = Math.min(first, bucket);
      last = bucket;
    }
    const before = this.#range.key === key ? this.#range : undefined;
    if (last < 0) return before ?? IDLE_RANGE;
    // An octave of air above, so that what is longest is not at the edge.
    let from = Math.floor(first / QUARTERS);
    let to = Math.min(BUCKETS / QUARTERS, Math.floor(last / QUARTERS) + 2);
    if (to - from < LEAST_OCTAVES) {
      from = Math.max(0, from - Math.ceil((LEAST_OCTAVES - (to - from)) / 2));
      to = Math.min(BUCKETS / QUARTERS, from + LEAST_OCTAVES);
    }
    if (before !== undefined) {
      const spare = SPARE_OCTAVES;
      const wasFrom = before.fromBucket / QUARTERS;
      const wasTo = before.toBucket / QUARTERS;
      from = from > wasFrom && from - wasFrom <= spare ? wasFrom : from;
      to = to < wasTo && wasTo - to <= spare ? wasTo : to;
    }
    this.#range = { key, fromBucket: from * QUARTERS, toBucket: to * QUARTERS };
    return { fromBucket: this.#range.fromBucket, toBucket: this.#range.toBucket };
  }
}

export function toHeatTotal(counts: ArrayLike<number>): HeatTotal {
  return {
    count: totalCount(counts),
    ns: HEAT_PERCENTILES.map((share) => percentile(counts, share)?.ns ?? Number.NaN),
  };
}

function countWindow(tables: ProfileTables, window: ProfileWindow, { name, whose }: HeatAsk): CountedWindow {
  const of = stateOf(tables, window, name);
  const { latencies } = window;
  const isOfHeatmap = toHeatmapMatcher(tables, { heatmap: name, operation: null, target: null });
  const isOfWhom = toWhomMatcher(tables, window, whose);
  const byName = new Map<number, Counted>();
  for (let i = 0; i < latencies.tid.length; i++) {
    if (!isOfHeatmap(latencies, i) || !isOfWhom(i)) continue;
    const key = latencies.operation[i]! * 2 ** 26 + latencies.target[i]!;
    let counted = byName.get(key);
    if (counted === undefined) {
      counted = {
        operation: tables.strings[latencies.operation[i]!]!,
        target: tables.strings[latencies.target[i]!]!,
        bucket: [],
        count: [],
      };
      byName.set(key, counted);
    }
    counted.bucket.push(latencies.bucket[i]!);
    counted.count.push(latencies.count[i]!);
  }
  return { ...of, counted: [...byName.values()].map(toDistinct) };
}

/** One entry a bucket, whatever threads it was of: a window may have thousands of those. */
function toDistinct(counted: Counted): Counted {
  const counts = new Map<number, number>();
  for (const [at, bucket] of counted.bucket.entries())
    counts.set(bucket, (counts.get(bucket) ?? 0) + counted.count[at]!);
  return { ...counted, bucket: [...counts.keys()], count: [...counts.values()] };
}

/** Entries of a window's latencies that are of the processes and threads asked for. */
export function toWhomMatcher(
  tables: ProfileTables,
  { latencies, threads }: Pick<ProfileWindow, 'latencies' | 'threads'>,
  { tgids, tids, who }: HeatAsk['whose'],
): (i: number) => boolean {
  const { tgid, tid } = latencies;
  const ofTasks = (i: number): boolean =>
    tgids?.includes(tgid[i]!) !== false && tids?.includes(tid[i]!) !== false;
  if (who === undefined) return ofTasks;
  const commOf = new Map(threads.tid.map((each, at) => [each, threads.comm[at]!]));
  const comm = tid.map((each) => commOf.get(each) ?? 0);
  const matches = toWhoMatcher(tables, who);
  return (i) => ofTasks(i) && matches({ tgid, tid, comm }, i);
}

function stateOf(
  tables: ProfileTables,
  { probes, startMs, endMs }: ProfileWindow,
  name: HeatmapName,
): Pick<CountedWindow, 'state' | 'detail' | 'cost'> {
  const { probe } = heatmapOf(name);
  const at = probes.name.findIndex((id) => tables.strings[id] === probe);
  if (at < 0) return { state: 'absent', detail: '', cost: null };
  const seconds = (endMs - startMs) / 1000;
  return {
    state: PROBE_STATES[probes.state[at]!]!,
    detail: tables.strings[probes.detail[at]!]!,
    cost:
      probes.isMeasured[at] === 1 && seconds > 0
        ? { share: probes.runNs[at]! / 1e9 / seconds, runsPerSecond: probes.runCount[at]! / seconds }
        : null,
  };
}

function addOperation(operations: Map<string, HeatOperation>, { operation, target, count }: Counted): void {
  const key = `${operation}\0${target}`;
  let sum = operations.get(key);
  if (sum === undefined) {
    sum = { operation, target, count: 0 };
    operations.set(key, sum);
  }
  for (const each of count) sum.count += each;
}

function toCollected(states: readonly CountedWindow['state'][]): number {
  if (states.every((state) => state === 'on')) return WHOLE;
  if (states.some((state) => state === 'on' || state === 'starting')) return IN_PART;
  return states.includes('refused') ? REFUSED : GAP;
}

/** Windows that follow each other are one column where there would be too many; a gap always parts them. */
function toColumns(windows: readonly ShelvedWindow[]): ShelvedWindow[][] {
  const each = Math.ceil(windows.length / MAX_HEAT_COLUMNS);
  if (each <= 1) return windows.map((window) => [window]);
  // On a grid of the clock: the same windows stay together while newer ones come.
  const gridMs = gridOf(windows, each);
  const columns: ShelvedWindow[][] = [];
  let place = Number.NaN;
  for (const window of windows) {
    const at = Math.floor((window.startMs + window.endMs) / 2 / gridMs);
    const last = columns.at(-1);
    const isApart = last !== undefined && window.startMs - last.at(-1)!.endMs > GAP_FROM_MS;
    if (last === undefined || at !== place || isApart) columns.push([window]);
    else last.push(window);
    place = at;
  }
  return columns;
}

/** Windows end and begin within this of each other by the rounding of clocks. */
const GAP_FROM_MS = 50;

function gridOf(windows: readonly ShelvedWindow[], each: number): number {
  const lengthMs = windows.at(-1)!.endMs - windows[0]!.startMs;
  const wantedMs = Math.max((lengthMs / windows.length) * each, lengthMs / (MAX_HEAT_COLUMNS - 1));
  return GRIDS_MS.find((ms) => ms >= wantedMs) ?? wantedMs;
}

const GRIDS_MS = [500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000] as const;

/** What is large, to be handed over instead of copied. */
export function columnsOfHeat({ grid, percentiles }: HeatView): ArrayBufferView<ArrayBuffer>[] {
  const { startMs, endMs, counts, collected } = grid;
  return [startMs, endMs, counts, collected, ...percentiles] as ArrayBufferView<ArrayBuffer>[];
}
