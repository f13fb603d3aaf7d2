import { DURATION_BUCKETS } from '@stallscope/profile';
import { expect, test } from 'vitest';
import { histogramRows } from './histogram-bars.js';

test('a histogram shows the buckets from the first that counted to the last, gaps with them', () => {
  const counts = new Float64Array(DURATION_BUCKETS);
  counts[10] = 5;
  counts[12] = 10;
  expect(histogramRows(counts)).toEqual([
    { bucket: 10, fromNs: 1024, toNs: 2048, count: 5, share: 0.5 },
    { bucket: 11, fromNs: 2048, toNs: 4096, count: 0, share: 0 },
    { bucket: 12, fromNs: 4096, toNs: 8192, count: 10, share: 1 },
  ]);
});

test('the first bucket holds 0 and 1 ns, the last is open above, and none is no row', () => {
  const counts = new Float64Array(DURATION_BUCKETS).fill(1);
  const rows = histogramRows(counts);
  expect(rows[0]).toMatchObject({ fromNs: 0, toNs: 2 });
  expect(rows.at(-1)).toMatchObject({ fromNs: 2 ** (DURATION_BUCKETS - 1), toNs: Number.POSITIVE_INFINITY });
  expect(histogramRows(new Float64Array(DURATION_BUCKETS))).toEqual([]);
});
