/**
 * Owns the grid of a heatmap: columns of equal time, rows of buckets, counts in cells, and whether each column was measured.
 *
 *     column 0: 12:00:00 to 12:00:01, column 1: …       counts[column × rows + (bucket − fromBucket)]
 *
 * Invariant: a cell of a column that was not collected is 0 and its column says so; a gap is no zero.
 */

export const COLLECTED = ['gap', 'whole', 'in part'] as const;
export const GAP = 0;
export const WHOLE = 1;
export const IN_PART = 2;

export interface HeatGrid {
  /** Left edge of the first column, ms since the epoch. */
  fromMs: number;
  columnMs: number;
  columns: number;
  /** Buckets from `fromBucket` up to, not with, `toBucket`. */
  fromBucket: number;
  toBucket: number;
  /** columns × (toBucket − fromBucket), column after column. */
  counts: Float64Array;
  /** Index into COLLECTED, one a column. */
  collected: Uint8Array;
}

/** All gaps. */
export function emptyGrid(
  shape: Pick<HeatGrid, 'fromMs' | 'columnMs' | 'columns' | 'fromBucket' | 'toBucket'>,
): HeatGrid {
  return {
    ...shape,
    counts: new Float64Array(shape.columns * (shape.toBucket - shape.fromBucket)),
    collected: new Uint8Array(shape.columns),
  };
}

/** The column of an instant; -1 where it is in none. */
export function columnAt({ fromMs, columnMs, columns }: HeatGrid, ms: number): number {
  const column = Math.floor((ms - fromMs) / columnMs);
  return column >= 0 && column < columns ? column : -1;
}

/** Of one cell; 0 outside the grid. */
export function cellCount(grid: HeatGrid, column: number, bucket: number): number {
  const { fromBucket, toBucket, columns } = grid;
  if (column < 0 || column >= columns || bucket < fromBucket || bucket >= toBucket) return 0;
  return grid.counts[column * (toBucket - fromBucket) + (bucket - fromBucket)]!;
}
