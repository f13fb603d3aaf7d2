/**
 * Owns the grid of a heatmap: columns of time, rows of buckets, counts in cells, and whether each column was measured.
 *
 *     frame  |fromMs                                     toMs|
 *     columns    |start0 end0|start1 end1|    |start2 end2|        counts[column × rows + (bucket − fromBucket)]
 *                                         gap
 *
 * A column is a window, or some that follow each other where there are many: its edges are those of windows, which begin
 * where an agent's clock had them, so that no count is shared out over two columns and none is left out.
 *
 * Invariant: a cell of a column that was not collected is 0 and its column says so; a gap is no zero.
 */

/** What a column is: windows without this collection, measured, measured for a part of it, refused by the host. */
export const COLLECTED = ['gap', 'whole', 'in part', 'refused'] as const;
export const GAP = 0;
export const WHOLE = 1;
export const IN_PART = 2;
export const REFUSED = 3;

export interface HeatGrid {
  /** What the grid spans, ms since the epoch. */
  fromMs: number;
  toMs: number;
  /** Ends of each column, ms since the epoch: ascending, not overlapping. Time of the span in no column is a gap. */
  startMs: Float64Array;
  endMs: Float64Array;
  /** Buckets from `fromBucket` up to, not with, `toBucket`. */
  fromBucket: number;
  toBucket: number;
  /** columns × (toBucket − fromBucket), column after column. */
  counts: Float64Array;
  /** Index into COLLECTED, one a column. */
  collected: Uint8Array;
}

/** Nothing counted in these columns, and none of them collected. */
export function emptyGrid(
  frame: Pick<HeatGrid, 'fromMs' | 'toMs' | 'fromBucket' | 'toBucket'>,
  columns: readonly { startMs: number; endMs: number }[],
): HeatGrid {
  return {
    ...frame,
    startMs: Float64Array.from(columns, ({ startMs }) => startMs),
    endMs: Float64Array.from(columns, ({ endMs }) => endMs),
    counts: new Float64Array(columns.length * (frame.toBucket - frame.fromBucket)),
    collected: new Uint8Array(columns.length),
  };
}

/** The column of an instant; -1 where it is in none. */
export function columnAt({ startMs, endMs }: HeatGrid, ms: number): number {
  let low = 0;
  let high = endMs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (endMs[middle]! <= ms) low = middle + 1;
    else high = middle;
  }
  return low < endMs.length && startMs[low]! <= ms ? low : -1;
}

/** Of one cell; 0 outside the grid. */
export function cellCount(grid: HeatGrid, column: number, bucket: number): number {
  const { fromBucket, toBucket, startMs } = grid;
  if (column < 0 || column >= startMs.length || bucket < fromBucket || bucket >= toBucket) return 0;
  return grid.counts[column * (toBucket - fromBucket) + (bucket - fromBucket)]!;
}

/** Whether a column says how often something happened: 0 there means never. */
export function isCollected({ collected }: HeatGrid, column: number): boolean {
  return collected[column] === WHOLE || collected[column] === IN_PART;
}
