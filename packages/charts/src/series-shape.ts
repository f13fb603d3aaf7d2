/**
 * Owns the geometry of time series: which reading an instant has, what lies on what in a stack, and where lines break.
 *
 * A reading is of a stretch of the clock, from `startMs` to `endMs`; it is drawn as a point in the middle of it, and the
 * first and last of an unbroken run go on level to their edges, so that a run of one is still a line.
 *
 *     readings   [0 1) 2   [1 2) 4   [5 6) 1           runs   0–2 s and 5–6 s; between them nothing is drawn
 *
 * Invariant: NaN is no reading: a line breaks there, and it counts as nothing in a stack only where another has a reading.
 */
import type { TimeWindow } from './time-bars.js';

export interface SeriesReadings {
  /** Ascending, not overlapping, Unix ms. */
  startMs: Float64Array;
  endMs: Float64Array;
}

export interface Series {
  name: string;
  /** One a reading; NaN where there is none. */
  values: Float64Array;
}

/** Readings within this of each other are of one run: windows end and begin by the rounding of clocks. */
const RUN_GAP_MS = 50;

/** The reading of an instant; -1 where there is none. */
export function readingAt({ startMs, endMs }: SeriesReadings, atMs: number): number {
  let low = 0;
  let high = endMs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (endMs[middle]! <= atMs) low = middle + 1;
    else high = middle;
  }
  return low < endMs.length && startMs[low]! <= atMs ? low : -1;
}

/** The reading that a key goes to: by a number of readings from the one at an instant, or from the nearest. */
export function steppedReading(readings: SeriesReadings, fromMs: number | null, by: number): number {
  const last = readings.endMs.length - 1;
  if (last < 0) return -1;
  if (fromMs === null) return by > 0 && Number.isFinite(by) ? 0 : by === Number.NEGATIVE_INFINITY ? 0 : last;
  const at = readingAt(readings, fromMs);
  if (at >= 0) return Math.min(last, Math.max(0, at + by));
  // In a gap: to the first after it, or to the last before.
  let next = 0;
  while (next <= last && readings.startMs[next]! <= fromMs) next++;
  return Math.min(last, Math.max(0, by > 0 ? next + by - 1 : next + by));
}

/** As windows, for what knows only those. */
export function toTimeWindows({ startMs, endMs }: SeriesReadings): TimeWindow[] {
  return Array.from(startMs, (start, index) => ({ startMs: start, endMs: endMs[index]! }));
}

/** Runs without a break, as [first, last] readings: of all, or of those where one series has a value. */
export function runsOf(
  { startMs, endMs }: SeriesReadings,
  values: Float64Array,
): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (let index = 0; index < values.length; index++) {
    if (Number.isNaN(values[index]!)) continue;
    const run = runs.at(-1);
    if (run !== undefined && run[1] === index - 1 && startMs[index]! - endMs[index - 1]! < RUN_GAP_MS)
      run[1] = index;
    else runs.push([index, index]);
  }
  return runs;
}

/** Upper edges of a stack, first series lowest; the lower edge of each is the upper of the one before, of the first 0. */
export function stackOf(series: readonly Series[]): Float64Array[] {
  const length = series[0]?.values.length ?? 0;
  const isRead = new Uint8Array(length);
  for (const { values } of series) {
    for (let index = 0; index < length; index++) if (!Number.isNaN(values[index]!)) isRead[index] = 1;
  }
  const sum = new Float64Array(length);
  return series.map(({ values }) => {
    const edge = new Float64Array(length);
    for (let index = 0; index < length; index++) {
      const value = values[index]!;
      if (!Number.isNaN(value)) sum[index]! += value;
      edge[index] = isRead[index] === 1 ? sum[index]! : Number.NaN;
    }
    return edge;
  });
}

/** The largest value of readings that end in a stretch of the clock or after it begins; 0 where there is none. */
export function mostOf(
  { startMs, endMs }: SeriesReadings,
  edges: readonly Float64Array[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): number {
  let most = 0;
  for (const edge of edges) {
    for (let index = 0; index < edge.length; index++) {
      if (endMs[index]! > fromMs && startMs[index]! < toMs && edge[index]! > most) most = edge[index]!;
    }
  }
  return most;
}
