import { describe, expect, it } from 'vitest';
import { bucketOf } from './buckets.js';
import { emptyCounts, percentile, totalCount } from './histogram.js';

describe('percentile', () => {
  it('is in the bucket of the length with that rank', () => {
    const lengths = Array.from({ length: 1000 }, (_, n) => Math.round(1000 * 1.01 ** n));
    const counts = emptyCounts();
    for (const ns of lengths) counts[bucketOf(ns)]!++;
    expect(totalCount(counts)).toBe(1000);
    for (const share of [0.001, 0.5, 0.95, 0.99, 0.999, 1]) {
      const exact = lengths[Math.ceil(share * 1000) - 1]!;
      const found = percentile(counts, share)!;
      expect(found.bucket, `p${100 * share}`).toBe(bucketOf(exact));
      expect(Math.abs(found.ns / exact - 1), `p${100 * share}`).toBeLessThan(0.19);
    }
  });

  it('of nothing is nothing', () => {
    expect(percentile(emptyCounts(), 0.5)).toBeUndefined();
  });

  it('of one length is its bucket, whatever the share', () => {
    const counts = emptyCounts();
    counts[44] = 1;
    expect(percentile(counts, 0.01)?.bucket).toBe(44);
    expect(percentile(counts, 1)).toMatchObject({ bucket: 44, fromNs: 2000 });
  });
});
