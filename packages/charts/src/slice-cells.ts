/**
 * Owns where in a sub-second-offset heatmap an instant lies: a column is a second, its offset in the second goes upwards.
 *
 *     row 49  .980 │ ▒ █
 *      …           │ █ ▒        cell = column × rows + row, so cells follow time up each column
 *     row 0   .000 │ ░ ░
 *                    :03 :04
 */
import { NO_SLICE_DATA, type SliceHeat } from '@stallscope/profile';

/** Cells of a column: 20 ms each, as tall as a finger's twentieth on a small screen. */
export const CELL_ROWS = 50;

export interface CellSpan {
  /** Cells from `from` up to, not with, `to`. */
  from: number;
  to: number;
}

export interface HeatCells {
  columns: number;
  /** Samples by cell, column by column; NO_SLICE_DATA where nothing was measured. */
  counts: Uint32Array;
  /** Most samples in one cell. */
  most: number;
}

export function toCells({ counts, slicesPerSecond }: SliceHeat): HeatCells {
  const perCell = slicesPerSecond / CELL_ROWS;
  const columns = Math.ceil(counts.length / slicesPerSecond);
  const cells = new Uint32Array(columns * CELL_ROWS).fill(NO_SLICE_DATA);
  let most = 0;
  for (let slice = 0; slice < counts.length; slice++) {
    const count = counts[slice]!;
    if (count === NO_SLICE_DATA) continue;
    const cell = Math.floor(slice / perCell);
    const sum = (cells[cell] === NO_SLICE_DATA ? 0 : cells[cell]!) + count;
    cells[cell] = Math.min(sum, NO_SLICE_DATA - 1);
    most = Math.max(most, cells[cell]!);
  }
  return { columns, counts: cells, most };
}

/** The cell at a point, the nearest where it lies outside. */
export function cellAt(xPx: number, yPx: number, widthPx: number, heightPx: number, columns: number): number {
  const column = clamp(Math.floor((xPx / Math.max(1, widthPx)) * columns), 0, columns - 1);
  const row = clamp(Math.floor((1 - yPx / Math.max(1, heightPx)) * CELL_ROWS), 0, CELL_ROWS - 1);
  return column * CELL_ROWS + row;
}

/** Both cells, and all in between as time goes, whichever came first. */
export function spanOf(a: number, b: number): CellSpan {
  return { from: Math.min(a, b), to: Math.max(a, b) + 1 };
}

export function sliceOfCell({ firstSlice, slicesPerSecond }: SliceHeat, cell: number): number {
  return firstSlice + cell * (slicesPerSecond / CELL_ROWS);
}

export function cellOfSlice({ firstSlice, slicesPerSecond }: SliceHeat, slice: number): number {
  return Math.floor((slice - firstSlice) / (slicesPerSecond / CELL_ROWS));
}

/** One edge of a span moved by so many cells; the other stays, and a cell is left between them. */
export function movedCellEdge(span: CellSpan, edge: 'from' | 'to', by: number, cells: number): CellSpan {
  return edge === 'from'
    ? { from: clamp(span.from + by, 0, span.to - 1), to: span.to }
    : { from: span.from, to: clamp(span.to + by, span.from + 1, cells) };
}

/** Samples within a span, of what was measured. */
export function samplesIn({ counts }: HeatCells, { from, to }: CellSpan): number {
  let sum = 0;
  for (let cell = Math.max(0, from); cell < Math.min(to, counts.length); cell++) {
    if (counts[cell] !== NO_SLICE_DATA) sum += counts[cell]!;
  }
  return sum;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
