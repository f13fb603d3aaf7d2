/**
 * Owns reading a histogram of BUCKETS counts: how many, which bucket a percentile is in, and about where in it.
 *
 *     counts[40] = 90, counts[60] = 10      percentile(counts, 0.95) → bucket 60: 32 µs to 38 µs, about 35 µs
 */
import { BUCKETS, bucketFromNs, bucketToNs } from './buckets.js';

/** Counts by bucket, BUCKETS of them. */
export type BucketCounts = Float64Array;

export function emptyCounts(): BucketCounts {
  return new Float64Array(BUCKETS);
}

export function totalCount(counts: ArrayLike<number>): number {
  let total = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) total += counts[bucket]!;
  return total;
}

export interface Percentile {
  bucket: number;
  /** Where the bucket begins and ends: the percentile is in between. The last bucket ends at Infinity. */
  fromNs: number;
  toNs: number;
  /** An estimate: lengths are taken to be spread evenly over the logarithm in the bucket. At most 19 % off. */
  ns: number;
}

/**
 * The bucket that holds the length which `share` of all are not above, 0 < share <= 1: the nearest-rank definition.
 * @returns undefined of an empty histogram
 */
export function percentile(counts: ArrayLike<number>, share: number): Percentile | undefined {
  const total = totalCount(counts);
  if (total <= 0) return undefined;
  const rank = Math.max(1, Math.ceil(total * share));
  let below = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) {
    const count = counts[bucket]!;
    if (below + count >= rank && count > 0) {
      const fromNs = bucketFromNs(bucket);
      const toNs = bucketToNs(bucket);
      const part = (rank - below - 0.5) / count;
      const ns =
        fromNs === 0 || toNs === Number.POSITIVE_INFINITY ? fromNs : fromNs * (toNs / fromNs) ** part;
      return { bucket, fromNs, toNs, ns };
    }
    below += count;
  }
  return undefined;
}

/** Counts below which percentiles are those counts themselves: a line of them would only hide the cells. */
export const LEAST_COUNT_OF_PERCENTILES = 5;
