/**
 * Owns a range of lengths by their buckets, and how a URL names it: `40-60` is from the start of bucket 40 up to that of 60,
 * as bucketFromNs of packages/latency has them.
 */
import { BUCKETS } from '@stallscope/latency';

/** Buckets from `fromBucket` up to, not with, `toBucket`. */
export interface BucketSpan {
  fromBucket: number;
  toBucket: number;
}

export const ALL_LENGTHS: BucketSpan = { fromBucket: 0, toBucket: BUCKETS };

export function writeBucketSpan({ fromBucket, toBucket }: BucketSpan): string {
  return `${fromBucket}-${toBucket}`;
}

/** Null for what no `writeBucketSpan` wrote. */
export function readBucketSpan(text: string): BucketSpan | null {
  const found = /^(\d{1,3})-(\d{1,3})$/.exec(text);
  if (found === null) return null;
  const [fromBucket, toBucket] = [Number(found[1]), Number(found[2])];
  return fromBucket < toBucket && toBucket <= BUCKETS ? { fromBucket, toBucket } : null;
}
