import { NO_SLICE_DATA, type SliceHeat } from '@stallscope/profile';
import { expect, test } from 'vitest';
import {
  CELL_ROWS,
  cellAt,
  cellOfSlice,
  movedCellEdge,
  samplesIn,
  sliceOfCell,
  spanOf,
  toCells,
} from './slice-cells.js';

/** Two seconds from slice 500 on; of the second only its first half was measured. */
function heat(): SliceHeat {
  const counts = new Uint16Array(200);
  counts[0] = 1;
  counts[1] = 2;
  counts[99] = 4;
  counts[100] = 8;
  counts.fill(NO_SLICE_DATA, 150);
  return { firstSlice: 500, slicesPerSecond: 100, counts };
}

test('cells are two slices each, second after second, and what was not measured is no zero', () => {
  const cells = toCells(heat());
  expect(cells.columns).toBe(2);
  expect([...cells.counts.slice(0, 2)]).toEqual([3, 0]);
  expect(cells.counts[49]).toBe(4);
  expect(cells.counts[50]).toBe(8);
  expect(cells.counts[74]).toBe(0);
  expect(cells.counts[75]).toBe(NO_SLICE_DATA);
  expect(cells.most).toBe(8);
});

test('a point is in the column of its second, and higher up later in it', () => {
  expect(cellAt(0, 100, 200, 100, 2)).toBe(0);
  expect(cellAt(0, 0, 200, 100, 2)).toBe(49);
  expect(cellAt(199, 99, 200, 100, 2)).toBe(50);
  expect(cellAt(500, -50, 200, 100, 2)).toBe(99);
});

test('a span is the same whichever end was drawn first, and goes up one column and on at the foot of the next', () => {
  expect(spanOf(48, 51)).toEqual({ from: 48, to: 52 });
  expect(spanOf(51, 48)).toEqual({ from: 48, to: 52 });
  expect(samplesIn(toCells(heat()), spanOf(49, 50))).toBe(12);
  expect(samplesIn(toCells(heat()), { from: 0, to: 2 * CELL_ROWS })).toBe(15);
});

test('slices and cells are each other’s', () => {
  for (const cell of [0, 1, 49, 50, 99]) expect(cellOfSlice(heat(), sliceOfCell(heat(), cell))).toBe(cell);
  expect(sliceOfCell(heat(), 50)).toBe(600);
});

test('an edge moves and never passes the other', () => {
  const span = { from: 10, to: 12 };
  expect(movedCellEdge(span, 'from', -1, 100)).toEqual({ from: 9, to: 12 });
  expect(movedCellEdge(span, 'from', 50, 100)).toEqual({ from: 11, to: 12 });
  expect(movedCellEdge(span, 'to', 500, 100)).toEqual({ from: 10, to: 100 });
  expect(movedCellEdge(span, 'to', -500, 100)).toEqual({ from: 10, to: 11 });
});
