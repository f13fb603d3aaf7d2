import { DURATION_BUCKETS } from '@stallscope/profile';
import { expect, test } from 'vitest';
import { histogramRows } from './histogram-bars.js';

test('a histogram shows the buckets from the first that counted to the last, gaps with them', () => {
  const counts = new Float64Array(DURATION_BUCKETS);
  counts[10] = 5;
  counts[12] = 10;
  expect(histogramRows(counts)).toEqual([
    { bucket: 10, fromNs: 1000, toNs: 2000, count: 5, share: 0.5 },
    { bucket: 11, fromNs: 2000, toNs: 4000, count: 0, share: 0 },
    { bucket: 12, fromNs: 4000, toNs: 8000, count: 10, share: 1 },
  ]);
});

test('the first octave holds 0 and 1 ns, the last is open above, and none is no row', () => {
  const counts = new Float64Array(DURATION_BUCKETS).fill(1);
  const rows = histogramRows(counts);
  expect(rows[0]).toMatchObject({ fromNs: 0, toNs: 125 / 64 });
  expect(rows.at(-1)).toMatchObject({ fromNs: 125 * 2 ** 32, toNs: Number.POSITIVE_INFINITY });
  expect(histogramRows(new Float64Array(DURATION_BUCKETS))).toEqual([]);
});
