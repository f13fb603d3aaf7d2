/**
 * Owns what samples of CPUs keep of their time: how many fell in each slice of the clock, and the rows of a stretch of
 * slices alone. A slice is SLICE_MS long and is named by its number since the epoch.
 *
 *     window from 12:00:00.123, row in its slice 2   →   slice 12 + 2 of that second: 12:00:00.140 to .150
 */
import { ON_CPU, SLICE_MS } from './kinds.js';
import { toRowMatcher } from './project.js';
import type { Query } from './query.js';
import { RowAggregate } from './row-aggregate.js';
import { rowCount } from './rows.js';
import type { ProfileTables } from './tables.js';
import type { ProfileWindow, Rows } from './window.js';

/** Slices from `from` up to, not with, `to`. */
export interface SliceSpan {
  from: number;
  to: number;
}

export function toSlice(ms: number): number {
  return Math.floor(ms / SLICE_MS);
}

/** Whether a window has samples of a stretch, or could have: a window ends in the slice in which the next begins. */
export function reaches({ from, to }: SliceSpan): (window: { startMs: number; endMs: number }) => boolean {
  return ({ startMs, endMs }) => toSlice(startMs) < to && toSlice(endMs) >= from;
}

/** How much of a stretch was measured, ms: it may begin before the first window, or have gaps. */
export function coveredMsOf(
  windows: readonly { startMs: number; endMs: number }[],
  { from, to }: SliceSpan,
): number {
  return windows.reduce(
    (sum, { startMs, endMs }) =>
      sum + Math.max(0, Math.min(endMs, to * SLICE_MS) - Math.max(startMs, from * SLICE_MS)),
    0,
  );
}

/** Samples by slice, dense, of whole seconds. */
export interface SliceHeat {
  /** Number of the first slice since the epoch; a whole second begins there. */
  firstSlice: number;
  slicesPerSecond: number;
  /** NO_SLICE_DATA where nothing was measured. */
  counts: Uint16Array;
}

export const NO_SLICE_DATA = 0xffff;

/** Sparse: `samples[n]` fell in slice `slice[n]`, in ascending order. */
export interface SliceCounts {
  slice: Float64Array;
  samples: Float64Array;
}

/** Samples of a window that the query keeps, by slice. */
export function countSlices(
  tables: ProfileTables,
  { rows, startMs }: Pick<ProfileWindow, 'rows' | 'startMs'>,
  query: Query,
): SliceCounts {
  const matches = toRowMatcher(tables, { ...query, view: 'cpu' });
  const first = toSlice(startMs);
  const counts = new Map<number, number>();
  for (let i = 0; i < rowCount(rows); i++) {
    if (!matches(rows, i)) continue;
    const slice = first + rows.slice[i]!;
    counts.set(slice, (counts.get(slice) ?? 0) + rows.captures[i]!);
  }
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return {
    slice: Float64Array.from(sorted, ([slice]) => slice),
    samples: Float64Array.from(sorted, ([, samples]) => samples),
  };
}

/** The samples of a stretch, whatever windows they are of, as rows of one window. */
export function rowsOfSlices(
  windows: readonly Pick<ProfileWindow, 'rows' | 'startMs'>[],
  { from, to }: SliceSpan,
): Rows {
  const sum = new RowAggregate();
  for (const { rows, startMs } of windows) {
    const first = toSlice(startMs);
    const kept = Array.from({ length: rowCount(rows) }, (_, i) => i).filter((i) => {
      const slice = first + rows.slice[i]!;
      return rows.kind[i] === ON_CPU && slice >= from && slice < to;
    });
    if (kept.length === 0) continue;
    const columns = Object.entries(rows) as [keyof Rows, number[]][];
    const part = Object.fromEntries(columns.map(([name, values]) => [name, kept.map((i) => values[i]!)]));
    // The same columns, each with fewer entries.
    sum.add({ rows: part as unknown as Rows });
  }
  return sum.rows();
}
