/**
 * Owns where in a latency heatmap an instant and a length lie, and what a brush over it chooses: whole columns, whole
 * buckets.
 *
 *     up: buckets, each as high as the next, so that lengths are on a logarithm       16 ms ┤ ░  ▒
 *     across: the clock; a column is as wide as its windows lasted                     1 ms ┤ █▒ █
 *                                                                                             :03 :04
 *
 * Invariant: a brush names instants and buckets, not pixels, so it means the same however wide or live the picture is.
 */
import { BUCKETS, type HeatGrid, isCollected } from '@stallscope/latency';

export interface TimeRange {
  fromMs: number;
  toMs: number;
}

/** Buckets from `fromBucket` up to, not with, `toBucket`. */
export interface BucketRange {
  fromBucket: number;
  toBucket: number;
}

/** What a brush chooses; null: all of that axis. Never both. */
export interface HeatBrush {
  time: TimeRange | null;
  latency: BucketRange | null;
}

/** Where the cells are drawn. */
export interface GridPlace {
  leftPx: number;
  widthPx: number;
  heightPx: number;
}

/** A column by index, and the buckets of it; what a pointer is over. */
export interface HeatPoint {
  /** -1 where there is no column. */
  column: number;
  bucket: number;
  atMs: number;
}

export function xOfMs({ fromMs, toMs }: HeatGrid, place: GridPlace, ms: number): number {
  const share = (ms - fromMs) / Math.max(1, toMs - fromMs);
  return place.leftPx + Math.min(1, Math.max(0, share)) * place.widthPx;
}

export function msOfX({ fromMs, toMs }: HeatGrid, place: GridPlace, xPx: number): number {
  const share = (xPx - place.leftPx) / Math.max(1, place.widthPx);
  return fromMs + Math.min(1, Math.max(0, share)) * (toMs - fromMs);
}

/** The lower edge of a bucket, or with fractions a place in one: px from the top. */
export function yOfBucket({ fromBucket, toBucket }: BucketRange, place: GridPlace, bucket: number): number {
  const share = (bucket - fromBucket) / Math.max(1, toBucket - fromBucket);
  return place.heightPx * (1 - Math.min(1, Math.max(0, share)));
}

export function bucketOfY({ fromBucket, toBucket }: BucketRange, place: GridPlace, yPx: number): number {
  const rows = toBucket - fromBucket;
  const row = Math.floor((1 - yPx / Math.max(1, place.heightPx)) * rows);
  return fromBucket + Math.min(rows - 1, Math.max(0, row));
}

/** A length as a place between buckets; within the one it is in, as far up as it is into it by its logarithm. */
export function bucketPlace(ns: number): number {
  const ticks = (ns * 128) / 125;
  return ticks <= 1 ? 0 : Math.min(BUCKETS, 4 * Math.log2(ticks));
}

/** The column of an instant, else the nearest; -1 where there is none at all. */
export function nearestColumn({ startMs, endMs }: HeatGrid, ms: number): number {
  let best = -1;
  let leastMs = Number.POSITIVE_INFINITY;
  for (let column = 0; column < startMs.length; column++) {
    const awayMs = Math.max(startMs[column]! - ms, ms - endMs[column]!, 0);
    if (awayMs < leastMs || (awayMs === 0 && ms >= startMs[column]!)) {
      best = column;
      leastMs = awayMs;
    }
  }
  return best;
}

/** Both columns and all between, whichever came first. */
export function timeOfColumns({ startMs, endMs }: HeatGrid, a: number, b: number): TimeRange {
  return { fromMs: startMs[Math.min(a, b)]!, toMs: endMs[Math.max(a, b)]! };
}

export function bucketsBetween(a: number, b: number): BucketRange {
  return { fromBucket: Math.min(a, b), toBucket: Math.max(a, b) + 1 };
}

/**
 * A range that reaches an edge of what is drawn has no end there: what is longer, or shorter, than anything yet is meant
 * too. Null where it is all.
 */
export function withOpenEnds({ fromBucket, toBucket }: BucketRange, range: BucketRange): BucketRange | null {
  const open = {
    fromBucket: range.fromBucket <= fromBucket ? 0 : range.fromBucket,
    toBucket: range.toBucket >= toBucket ? BUCKETS : range.toBucket,
  };
  return open.fromBucket === 0 && open.toBucket === BUCKETS ? null : open;
}

/** The columns whose middle lies in a stretch: `to` is not with them. */
export function columnsIn(
  { startMs, endMs }: HeatGrid,
  time: TimeRange | null,
): { from: number; to: number } {
  if (time === null) return { from: 0, to: startMs.length };
  let from = 0;
  while (from < startMs.length && (startMs[from]! + endMs[from]!) / 2 <= time.fromMs) from++;
  let to = from;
  while (to < startMs.length && (startMs[to]! + endMs[to]!) / 2 <= time.toMs) to++;
  return { from, to };
}

/** How many were counted in the cells of a brush; null of nothing: in all. */
export function countIn(grid: HeatGrid, { time, latency }: HeatBrush): number {
  const rows = grid.toBucket - grid.fromBucket;
  const columns = columnsIn(grid, time);
  const low = Math.max(0, (latency?.fromBucket ?? 0) - grid.fromBucket);
  const high = Math.min(rows, (latency?.toBucket ?? BUCKETS) - grid.fromBucket);
  let sum = 0;
  for (let column = columns.from; column < columns.to; column++) {
    for (let row = low; row < high; row++) sum += grid.counts[column * rows + row]!;
  }
  return sum;
}

/** The most in any cell. */
export function mostIn({ counts }: HeatGrid): number {
  let most = 0;
  for (const count of counts) if (count > most) most = count;
  return most;
}

/** Stretches of the frame without a count to be had: between columns, and columns that were not collected. */
export function gapsIn(grid: HeatGrid): TimeRange[] {
  const gaps: TimeRange[] = [];
  const add = (fromMs: number, toMs: number): void => {
    if (toMs - fromMs < LEAST_GAP_MS) return;
    const last = gaps.at(-1);
    if (last !== undefined && fromMs - last.toMs < LEAST_GAP_MS) last.toMs = toMs;
    else gaps.push({ fromMs, toMs });
  };
  let endedMs = grid.fromMs;
  for (let column = 0; column < grid.startMs.length; column++) {
    const startMs = Math.max(grid.fromMs, grid.startMs[column]!);
    const endMs = Math.min(grid.toMs, grid.endMs[column]!);
    add(endedMs, startMs);
    if (!isCollected(grid, column)) add(startMs, endMs);
    endedMs = Math.max(endedMs, endMs);
  }
  add(endedMs, grid.toMs);
  return gaps;
}

/** Windows end and begin within this of each other by the rounding of clocks. */
const LEAST_GAP_MS = 50;

/** The corner of a brush that a key moves: its beginning and least length, or its end and greatest. */
export type Corner = 'from' | 'to';

/**
 * A brush with one corner moved by columns and buckets, within what is drawn and never inside out. From nothing chosen, or
 * an axis on which all is, it begins with the newest column, or with all buckets drawn.
 */
export function movedCorner(
  grid: HeatGrid,
  brush: HeatBrush | null,
  corner: Corner,
  by: { columns: number; buckets: number },
): HeatBrush {
  const last = grid.startMs.length - 1;
  let time = brush?.time ?? null;
  let latency = brush?.latency ?? null;
  if (by.columns !== 0 && last >= 0) {
    if (time === null) {
      // The newest may still be growing in a live picture.
      const first = Math.max(0, last - 1);
      time = timeOfColumns(grid, first, first);
    } else {
      const columns = columnsIn(grid, time);
      const from = columns.from;
      const to = Math.max(from, columns.to - 1);
      const moved =
        corner === 'from'
          ? [clamp(from + by.columns, 0, to), to]
          : [from, clamp(to + by.columns, from, last)];
      time = timeOfColumns(grid, moved[0]!, moved[1]!);
    }
  }
  if (by.buckets !== 0) {
    const fromBucket = clamp(latency?.fromBucket ?? 0, grid.fromBucket, grid.toBucket - 1);
    const toBucket = clamp(latency?.toBucket ?? BUCKETS, fromBucket + 1, grid.toBucket);
    latency = withOpenEnds(
      grid,
      corner === 'from'
        ? { fromBucket: clamp(fromBucket + by.buckets, grid.fromBucket, toBucket - 1), toBucket }
        : { fromBucket, toBucket: clamp(toBucket + by.buckets, fromBucket + 1, grid.toBucket) },
    );
  }
  return { time, latency };
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
