/**
 * Owns what is left of a window where a region of a latency heatmap is asked for: a range of lengths, of an operation or of
 * all that the heatmap counts.
 *
 *     of waits themselves (blocked, run queue)   exactly the waits of such a length: kind, octave and quarter are in a row
 *     of anything else                           the threads that were in such an operation in the window, whole
 *
 * The views of what ran and of lives have no rows of waits that ended: there a region of waits is one of threads too.
 *
 * Invariant: a window and its rest share nothing and are together all that the heatmap is of; a window in which the lengths
 * were not counted has neither. Counts by thread are exact, from the histograms; times of waits of some lengths are those
 * of their rows, which are sampled, as the exact counters do not know lengths.
 */
import { countsOperation, type HeatmapName, heatmapOf, LATENCY_PROBES, QUARTERS } from '@stallscope/latency';
import { KINDS, type Kind, PROBE_STATES } from './kinds.js';
import { isWaitView, type View } from './query.js';
import { appendThread, emptyRows, emptyThreads, rowCount } from './rows.js';
import type { ProfileTables } from './tables.js';
import type { Latencies, ProfileWindow, Rows, Threads } from './window.js';

export interface LatencyRegion {
  heatmap: HeatmapName;
  /** Buckets from `fromBucket` up to, not with, `toBucket`. */
  fromBucket: number;
  toBucket: number;
  /** One of the heatmap's operations alone, and one target; null: all. */
  operation: string | null;
  target: string | null;
}

/** Entries of `latencies` that are in the region. */
export function toLatencyMatcher(
  tables: ProfileTables,
  region: LatencyRegion,
): (latencies: Latencies, i: number) => boolean {
  const isOfHeatmap = toHeatmapMatcher(tables, region);
  const { fromBucket, toBucket } = region;
  return (latencies, i) =>
    latencies.bucket[i]! >= fromBucket && latencies.bucket[i]! < toBucket && isOfHeatmap(latencies, i);
}

/** Entries of a heatmap of any length, of an operation or a target where one is asked for. */
export function toHeatmapMatcher(
  tables: ProfileTables,
  { heatmap, operation, target }: Pick<LatencyRegion, 'heatmap' | 'operation' | 'target'>,
): (latencies: Latencies, i: number) => boolean {
  const kind = heatmapOf(heatmap);
  const probe = LATENCY_PROBES.indexOf(kind.probe);
  const isOperation = memo((id) => {
    const name = tables.strings[id]!;
    return operation === null ? countsOperation(kind, name) : name === operation;
  });
  const isTarget = memo((id) => target === null || tables.strings[id] === target);
  return (latencies, i) =>
    latencies.probe[i] === probe && isOperation(latencies.operation[i]!) && isTarget(latencies.target[i]!);
}

function memo(of: (id: number) => boolean): (id: number) => boolean {
  const known = new Map<number, boolean>();
  return (id) => {
    let is = known.get(id);
    if (is === undefined) {
      is = of(id);
      known.set(id, is);
    }
    return is;
  };
}

/** Whether a region is of waits themselves, so that a view shows exactly them. */
export function isOfWaits({ heatmap }: Pick<LatencyRegion, 'heatmap'>, view: View): boolean {
  return heatmapOf(heatmap).probe === 'lengths' && isWaitView(view);
}

/** The kinds of waits that a region is of. */
export function kindsOfRegion({ heatmap, operation }: Pick<LatencyRegion, 'heatmap' | 'operation'>): Kind[] {
  const kind = heatmapOf(heatmap);
  return KINDS.filter((each) => countsOperation(kind, each) && (operation === null || operation === each));
}

/** Whether a window counted what the heatmap is of, for all of it or for a part. */
export function countsHeatmap(
  tables: ProfileTables,
  { probes }: Pick<ProfileWindow, 'probes'>,
  heatmap: HeatmapName,
): boolean {
  const { probe } = heatmapOf(heatmap);
  return probes.name.some((name, i) => tables.strings[name] === probe && probes.state[i] !== REFUSED);
}

const REFUSED = PROBE_STATES.indexOf('refused');

/** Whether a window says what of it is in the region: another has neither region nor rest. */
export function coversRegion(
  tables: ProfileTables,
  window: ProfileWindow,
  region: LatencyRegion,
  view: View,
): boolean {
  return isOfWaits(region, view) ? window.lengthsAreFine : countsHeatmap(tables, window, region.heatmap);
}

/** What the views show of a window: `region` alone, or all but it. */
export type RegionPart = 'region' | 'rest';

export function partOfWindow(
  tables: ProfileTables,
  window: ProfileWindow,
  region: LatencyRegion,
  view: View,
  part: RegionPart = 'region',
): ProfileWindow {
  if (!coversRegion(tables, window, region, view)) return { ...window, ...nothing() };
  if (isOfWaits(region, view)) return waitsOfWindow(tables, window, region, part);
  const { latencies } = window;
  const matches = toLatencyMatcher(tables, region);
  const inRegion = new Set<number>();
  for (let i = 0; i < latencies.tid.length; i++) {
    if (matches(latencies, i)) inRegion.add(threadKey(latencies, i));
  }
  const isWanted = (table: { tgid: number[]; tid: number[] }, i: number): boolean =>
    inRegion.has(threadKey(table, i)) === (part === 'region');
  return {
    ...window,
    rows: filtered(window.rows, isWanted),
    threads: filtered(window.threads, isWanted),
    openWaits: filtered(window.openWaits, isWanted),
  };
}

function waitsOfWindow(
  tables: ProfileTables,
  window: ProfileWindow,
  region: LatencyRegion,
  part: RegionPart,
): ProfileWindow {
  const kinds = new Set<number>(kindsOfRegion(region).map((kind) => KINDS.indexOf(kind)));
  const isIn = (bucket: number): boolean =>
    (bucket >= region.fromBucket && bucket < region.toBucket) === (part === 'region');
  const rows = filtered(
    window.rows,
    ({ kind, bucket, quarter }, i) => kinds.has(kind[i]!) && isIn(bucket[i]! * QUARTERS + quarter[i]!),
  );
  const ofHeatmap = toHeatmapMatcher(tables, region);
  const { latencies } = window;
  const counts = new Map<number, number[]>();
  for (let i = 0; i < latencies.tid.length; i++) {
    if (!isIn(latencies.bucket[i]!) || !ofHeatmap(latencies, i)) continue;
    const key = threadKey(latencies, i);
    let ofThread = counts.get(key);
    if (ofThread === undefined) {
      ofThread = KINDS.map(() => 0);
      counts.set(key, ofThread);
    }
    const kind = KINDS.indexOf(tables.strings[latencies.operation[i]!] as Kind);
    ofThread[kind]! += latencies.count[i]!;
  }
  return { ...window, rows, threads: threadsOf(window.threads, rows, counts) };
}

/** Times of the rows and exact counts, by thread. */
function threadsOf(all: Threads, rows: Rows, counts: ReadonlyMap<number, readonly number[]>): Threads {
  const comms = new Map<number, number>();
  for (let i = 0; i < all.tid.length; i++) comms.set(threadKey(all, i), all.comm[i]!);
  const ns = new Map<number, { comm: number; ofKind: number[] }>();
  for (let i = 0; i < rowCount(rows); i++) {
    const key = threadKey(rows, i);
    let sums = ns.get(key);
    if (sums === undefined) {
      sums = { comm: rows.comm[i]!, ofKind: KINDS.map(() => 0) };
      ns.set(key, sums);
    }
    sums.ofKind[rows.kind[i]!]! += rows.estimatedNs[i]!;
  }
  const threads = emptyThreads();
  for (const key of new Set([...counts.keys(), ...ns.keys()])) {
    const [blockedCount = 0, runqCount = 0, preemptedCount = 0] = counts.get(key) ?? [];
    // Sums of a span are of whole numbers, so that taking a window out leaves nothing.
    const [blockedNs = 0, runqNs = 0, preemptedNs = 0] = (ns.get(key)?.ofKind ?? []).map(Math.round);
    appendThread(threads, {
      tgid: Math.floor(key / TIDS),
      tid: key % TIDS,
      comm: comms.get(key) ?? ns.get(key)?.comm ?? 0,
      ...{ blockedNs, runqNs, preemptedNs, onCpuNs: 0, blockedCount, runqCount, preemptedCount },
    });
  }
  return threads;
}

/** More than PID_MAX_LIMIT. */
const TIDS = 2 ** 23;

function threadKey({ tgid, tid }: { tgid: number[]; tid: number[] }, i: number): number {
  return tgid[i]! * TIDS + tid[i]!;
}

function nothing(): Pick<ProfileWindow, 'rows' | 'threads'> {
  return { rows: emptyRows(), threads: emptyThreads() };
}

function filtered<Table extends object>(table: Table, keeps: (table: Table, i: number) => boolean): Table {
  const columns = Object.entries(table) as [string, number[]][];
  const kept: number[] = [];
  for (let i = 0; i < (columns[0]?.[1].length ?? 0); i++) if (keeps(table, i)) kept.push(i);
  // The same columns, each with fewer entries.
  return Object.fromEntries(columns.map(([name, values]) => [name, kept.map((i) => values[i]!)])) as Table;
}
