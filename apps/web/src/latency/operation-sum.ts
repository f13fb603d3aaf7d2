/**
 * Owns the operations of the shown windows that are in a region of a heatmap, or all that the heatmap counts: which thread,
 * which operation, how long, how often; the longest first. Each window is decoded once while the region stays the same.
 *
 * Invariant: counts of the region are exact however many rows are listed; the rows listed are the longest of all.
 */
import { BUCKETS, emptyCounts } from '@stallscope/latency';
import {
  countsHeatmap,
  type LatencyRegion,
  type ProfileTables,
  type ProfileWindow,
  toLatencyMatcher,
} from '@stallscope/profile';
import type { ShelvedWindow } from '../live/window-shelf';
import { type HeatAsk, type HeatTotal, type HeatWindows, toHeatTotal, toWhomMatcher } from './heat-sum';

/** Rows that go to the page: more than anyone scrolls. */
export const MAX_OPERATION_ROWS = 500;

/** Columns of a table, the longest first, of one window each. */
export interface OperationTable {
  /** Ends of the window in which they ended, ms since the epoch. */
  startMs: number[];
  endMs: number[];
  tgid: number[];
  tid: number[];
  /** Of the thread; '' where no window says it. */
  name: string[];
  process: string[];
  operation: string[];
  target: string[];
  bucket: number[];
  count: number[];
  /** How many rows there are, listed or not. */
  total: number;
  /** Of all of them. */
  counted: HeatTotal;
  /** Threads that they are of. */
  threads: number;
  /** Windows asked, and those that counted such operations; of them those whose rows of waits say their lengths as finely. */
  windows: number;
  countedWindows: number;
  countedMs: number;
  fineWindows: number;
  fineMs: number;
}

interface WindowOperations {
  rows: OperationRow[];
  total: number;
  counts: Float64Array;
  tids: ReadonlySet<number>;
  isCounted: boolean;
  isFine: boolean;
}

interface OperationRow {
  startMs: number;
  endMs: number;
  tgid: number;
  tid: number;
  name: string;
  operation: string;
  target: string;
  bucket: number;
  count: number;
}

export class OperationSum {
  #asked = '';
  #windows = new WeakMap<ShelvedWindow, WindowOperations>();

  of(
    held: Pick<HeatWindows, 'tables' | 'decode'>,
    shown: readonly ShelvedWindow[],
    region: LatencyRegion,
    whose: HeatAsk['whose'],
    processNames: ReadonlyMap<number, string>,
  ): OperationTable {
    const asked = JSON.stringify([region, whose]);
    if (asked !== this.#asked) this.#windows = new WeakMap();
    this.#asked = asked;
    const rows: OperationRow[] = [];
    const counts = emptyCounts();
    const tids = new Set<number>();
    let total = 0;
    const sums = { countedWindows: 0, countedMs: 0, fineWindows: 0, fineMs: 0 };
    for (const window of shown) {
      let of = this.#windows.get(window);
      if (of === undefined) {
        of = operationsOf(held.tables, held.decode(window), region, whose);
        this.#windows.set(window, of);
      }
      for (const row of of.rows) rows.push(row);
      total += of.total;
      const lengthMs = window.endMs - window.startMs;
      if (of.isCounted) {
        sums.countedWindows++;
        sums.countedMs += lengthMs;
      }
      if (of.isFine) {
        sums.fineWindows++;
        sums.fineMs += lengthMs;
      }
      for (const tid of of.tids) tids.add(tid);
      for (let bucket = 0; bucket < counts.length; bucket++) counts[bucket]! += of.counts[bucket]!;
    }
    const listed = longestOf(rows).sort(longestFirst).slice(0, MAX_OPERATION_ROWS);
    return {
      startMs: listed.map(({ startMs }) => startMs),
      endMs: listed.map(({ endMs }) => endMs),
      tgid: listed.map(({ tgid }) => tgid),
      tid: listed.map(({ tid }) => tid),
      name: listed.map(({ name }) => name),
      process: listed.map(({ tgid }) => processNames.get(tgid) ?? ''),
      operation: listed.map(({ operation }) => operation),
      target: listed.map(({ target }) => target),
      bucket: listed.map(({ bucket }) => bucket),
      count: listed.map(({ count }) => count),
      total,
      counted: toHeatTotal(counts),
      threads: tids.size,
      windows: shown.length,
      ...sums,
    };
  }
}

function operationsOf(
  tables: ProfileTables,
  window: ProfileWindow,
  region: LatencyRegion,
  whose: HeatAsk['whose'],
): WindowOperations {
  const { latencies, threads, startMs, endMs } = window;
  const matches = toLatencyMatcher(tables, region);
  const isOfWhom = toWhomMatcher(tables, window, whose);
  const counts = emptyCounts();
  const tids = new Set<number>();
  const entries: number[] = [];
  for (let i = 0; i < latencies.tid.length; i++) {
    if (!matches(latencies, i) || !isOfWhom(i)) continue;
    entries.push(i);
    tids.add(latencies.tid[i]!);
    counts[latencies.bucket[i]!]! += latencies.count[i]!;
  }
  const longest = entries
    .sort((a, b) => latencies.bucket[b]! - latencies.bucket[a]! || latencies.count[b]! - latencies.count[a]!)
    .slice(0, MAX_OPERATION_ROWS);
  const commOf =
    longest.length === 0 ? new Map() : new Map(threads.tid.map((tid, at) => [tid, threads.comm[at]!]));
  const rows = longest.map(
    (i): OperationRow => ({
      startMs,
      endMs,
      tgid: latencies.tgid[i]!,
      tid: latencies.tid[i]!,
      name: tables.strings[commOf.get(latencies.tid[i]!) ?? 0] ?? '',
      operation: tables.strings[latencies.operation[i]!]!,
      target: tables.strings[latencies.target[i]!]!,
      bucket: latencies.bucket[i]!,
      count: latencies.count[i]!,
    }),
  );
  const isCounted = countsHeatmap(tables, window, region.heatmap);
  return { rows, total: entries.length, counts, tids, isCounted, isFine: window.lengthsAreFine };
}

/** Those from which the rows listed are taken: hundreds of windows may have hundreds each, too many to sort each second. */
function longestOf(rows: readonly OperationRow[]): OperationRow[] {
  if (rows.length <= MAX_OPERATION_ROWS) return [...rows];
  const inBucket = new Int32Array(BUCKETS);
  for (const { bucket } of rows) inBucket[bucket]!++;
  let least = BUCKETS;
  for (let taken = 0; taken < MAX_OPERATION_ROWS; taken += inBucket[least]!) least--;
  return rows.filter(({ bucket }) => bucket >= least);
}

/** Equal ones by how many, then the newest: in an order that does not jump. */
function longestFirst(a: OperationRow, b: OperationRow): number {
  return b.bucket - a.bucket || b.count - a.count || b.startMs - a.startMs || a.tid - b.tid;
}
