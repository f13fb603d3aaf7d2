import { BUCKETS, bucketOf, emptyGrid, GAP, type HeatGrid, WHOLE } from '@stallscope/latency';
import { expect, test } from 'vitest';
import {
  bucketOfY,
  bucketPlace,
  columnsIn,
  countIn,
  gapsIn,
  mostIn,
  movedCorner,
  nearestColumn,
  timeOfColumns,
  withOpenEnds,
  xOfMs,
  yOfBucket,
} from './heat-cells.js';
import { lengthTicks } from './heat-drawing.js';

/** Seconds 0, 1 and 3 of 5, buckets 40 to 48; second 3 was not collected. */
function grid(): HeatGrid {
  const made = emptyGrid({ fromMs: 0, toMs: 5000, fromBucket: 40, toBucket: 48 }, [
    { startMs: 0, endMs: 1000 },
    { startMs: 1000, endMs: 2002 },
    { startMs: 3000, endMs: 4000 },
  ]);
  made.collected.set([WHOLE, WHOLE, GAP]);
  made.counts[0] = 4;
  made.counts[8 + 7] = 9;
  return made;
}
const PLACE = { leftPx: 50, widthPx: 500, heightPx: 80 };

test('an instant lies where its share of the frame is, a bucket as high as the next', () => {
  expect(xOfMs(grid(), PLACE, 1000)).toBe(150);
  expect(yOfBucket(grid(), PLACE, 40)).toBe(80);
  expect(yOfBucket(grid(), PLACE, 48)).toBe(0);
  expect(bucketOfY(grid(), PLACE, 79)).toBe(40);
  expect(bucketOfY(grid(), PLACE, 0)).toBe(47);
  expect(bucketOfY(grid(), PLACE, -20)).toBe(47);
});

test('a length lies within its bucket, its octave and as many octaves up as it is doubled', () => {
  for (const ns of [1, 900, 1000, 4_200, 1e6, 3.3e9]) {
    const at = bucketPlace(ns);
    expect(Math.floor(at + 1e-9)).toBe(bucketOf(ns));
    expect(bucketPlace(ns * 4) - at).toBeCloseTo(8, 6);
  }
});

test('a brush has whole columns, and a point in a gap the nearest', () => {
  expect(nearestColumn(grid(), 500)).toBe(0);
  expect(nearestColumn(grid(), 1000)).toBe(1);
  expect(nearestColumn(grid(), 2400)).toBe(1);
  expect(nearestColumn(grid(), 2700)).toBe(2);
  expect(nearestColumn(grid(), 4999)).toBe(2);
  expect(timeOfColumns(grid(), 2, 0)).toEqual({ fromMs: 0, toMs: 4000 });
  expect(columnsIn(grid(), { fromMs: 1000, toMs: 2002 })).toEqual({ from: 1, to: 2 });
  expect(columnsIn(grid(), null)).toEqual({ from: 0, to: 3 });
});

test('what is counted in a brush is the sum of its cells', () => {
  expect(mostIn(grid())).toBe(9);
  expect(countIn(grid(), { time: null, latency: null })).toBe(13);
  expect(countIn(grid(), { time: { fromMs: 0, toMs: 1000 }, latency: null })).toBe(4);
  expect(countIn(grid(), { time: null, latency: { fromBucket: 47, toBucket: BUCKETS } })).toBe(9);
  expect(countIn(grid(), { time: null, latency: { fromBucket: 41, toBucket: 47 } })).toBe(0);
});

test('time without a window and windows that did not collect are one gap; what counted nothing is none', () => {
  expect(gapsIn(grid())).toEqual([{ fromMs: 2002, toMs: 5000 }]);
});

test('a range that reaches an edge of the picture has no end there', () => {
  expect(withOpenEnds(grid(), { fromBucket: 44, toBucket: 48 })).toEqual({
    fromBucket: 44,
    toBucket: BUCKETS,
  });
  expect(withOpenEnds(grid(), { fromBucket: 40, toBucket: 44 })).toEqual({ fromBucket: 0, toBucket: 44 });
  expect(withOpenEnds(grid(), { fromBucket: 40, toBucket: 48 })).toBeNull();
});

test('by key a corner moves by columns and buckets, and never past the other', () => {
  const first = movedCorner(grid(), null, 'from', { columns: -1, buckets: 0 });
  expect(first).toEqual({ time: { fromMs: 1000, toMs: 2002 }, latency: null });
  const wider = movedCorner(grid(), first, 'from', { columns: -1, buckets: 0 });
  expect(wider.time).toEqual({ fromMs: 0, toMs: 2002 });
  expect(movedCorner(grid(), wider, 'from', { columns: 10, buckets: 0 }).time).toEqual(first.time);
  expect(movedCorner(grid(), wider, 'to', { columns: Number.POSITIVE_INFINITY, buckets: 0 }).time).toEqual({
    fromMs: 0,
    toMs: 4000,
  });
  const long = movedCorner(grid(), null, 'from', { columns: 0, buckets: 4 });
  expect(long).toEqual({ time: null, latency: { fromBucket: 44, toBucket: BUCKETS } });
  const band = movedCorner(grid(), long, 'to', { columns: 0, buckets: -3 });
  expect(band.latency).toEqual({ fromBucket: 44, toBucket: 45 });
  expect(movedCorner(grid(), band, 'to', { columns: 0, buckets: -3 })).toEqual(band);
  expect(movedCorner(grid(), long, 'from', { columns: 0, buckets: -4 }).latency).toBeNull();
});

test('ticks of lengths are powers of ten, fewer where there is no room for all', () => {
  const range = { fromBucket: 40, toBucket: 120 };
  const ns = (heightPx: number) => lengthTicks(range, { ...PLACE, heightPx }).map((tick) => tick.ns);
  expect(ns(200)).toEqual([1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]);
  expect(ns(60)).toEqual([1e3, 1e6, 1e9]);
});
