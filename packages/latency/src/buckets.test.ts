import { describe, expect, it } from 'vitest';
import {
  BUCKETS,
  bucketFromNs,
  bucketOf,
  bucketToNs,
  edgeNs,
  OCTAVES,
  octaveFromNs,
  octaveOfBucket,
  octaveToNs,
  quarterOfBucket,
} from './buckets.js';

describe('buckets of lengths', () => {
  it('begin an octave at every power of two of a microsecond, as the bcc tools do', () => {
    for (let power = 0; power < 29; power++) {
      const ns = 1000 * 2 ** power;
      expect(bucketOf(ns), `${ns} ns`).toBe((10 + power) * 4);
      expect(octaveOfBucket(bucketOf(ns - 1)), `${ns - 1} ns`).toBe(9 + power);
      expect(octaveFromNs(10 + power)).toBe(ns);
    }
  });

  it('are at most 19 % wide, follow each other, and the last is open', () => {
    for (let bucket = 1; bucket < BUCKETS - 1; bucket++) {
      expect(bucketToNs(bucket)).toBe(bucketFromNs(bucket + 1));
      expect(bucketToNs(bucket) / bucketFromNs(bucket)).toBeLessThan(1.19);
    }
    expect(bucketFromNs(0)).toBe(0);
    expect(bucketToNs(BUCKETS - 1)).toBe(Number.POSITIVE_INFINITY);
    expect(octaveToNs(OCTAVES - 1)).toBe(Number.POSITIVE_INFINITY);
    expect(edgeNs(BUCKETS)).toBeCloseTo(2 ** 40 * (125 / 128), 0);
  });

  it('hold each whole nanosecond between their edges, on both sides of every edge', () => {
    // Below some 30 ns a tick is wider than a quarter of an octave, so that some buckets hold nothing.
    for (let bucket = 20; bucket < BUCKETS; bucket++) {
      const first = Math.ceil(bucketFromNs(bucket));
      for (const ns of [first - 1, first, first + 1]) {
        const found = bucketOf(ns);
        // A tick is 0.98 ns, and of long lengths 31 bits are looked at: what lies so near an edge may be on either side.
        const nearNs = 1 + ns * 2 ** -31;
        expect(ns, `${ns} ns in bucket ${found}`).toBeGreaterThanOrEqual(bucketFromNs(found) - nearNs);
        expect(ns, `${ns} ns in bucket ${found}`).toBeLessThan(bucketToNs(found) + nearNs);
      }
    }
    for (let ns = 1; ns < 5000; ns++) expect(bucketOf(ns)).toBeGreaterThanOrEqual(bucketOf(ns - 1));
  });

  it('take the shortest and the longest there are', () => {
    expect(bucketOf(0)).toBe(0);
    expect(bucketOf(1)).toBe(0);
    expect(bucketOf(2 ** 53 - 1)).toBe(BUCKETS - 1);
    expect(quarterOfBucket(BUCKETS - 1)).toBe(3);
  });
});
