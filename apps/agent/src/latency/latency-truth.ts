/**
 * Owns holding a latency probe to a workload that measured its own operations (probes/workloads/latencies.h). For tests.
 *
 * A program's clock goes around the call, the kernel's around what the call waits for: entering and leaving the kernel,
 * and being put back on a CPU, lies between the two. So what the probe says may be shorter by that, never longer.
 */
import { BUCKETS, bucketFromNs, bucketOf, percentile } from '@stallscope/latency';
import type { RawLatency } from './latency-records.js';
import type { LatencyRoute } from './latency-route.js';

export interface MeasuredLatencies {
  tgid: number;
  latencies: { of: string; tid: number; ns: number }[];
}

/** `connected 27528` → counts by bucket: of one process, by operation and thread. */
export function countsOf(
  route: LatencyRoute,
  latencies: readonly RawLatency[],
  tgid: number,
): Map<string, Float64Array> {
  const counts = new Map<string, Float64Array>();
  for (const row of latencies) {
    if (row.tgid !== tgid) continue;
    add(counts, `${route.operationOf(row.operation)} ${row.tid}`, row.bucket, row.count);
  }
  return counts;
}

/** The same of what was measured. */
export function truthOf({ latencies }: MeasuredLatencies): Map<string, Float64Array> {
  const counts = new Map<string, Float64Array>();
  for (const { of, tid, ns } of latencies) add(counts, `${of} ${tid}`, bucketOf(ns), 1);
  return counts;
}

export function totalsOf(counts: ReadonlyMap<string, Float64Array>): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const [key, buckets] of counts) totals[key] = buckets.reduce((sum, count) => sum + count, 0);
  return totals;
}

const SHARES = [0.5, 0.95, 0.99, 1];

/**
 * What is wrong with percentiles of the probe's counts; empty where none is longer than the measured one by more than a
 * bucket, and those up to `shareHeld` are shorter by no more than a bucket and `outsideNs`. Of the few beyond, some may have
 * waited for a CPU in between.
 */
export function faultsOf(
  seen: ReadonlyMap<string, Float64Array>,
  truth: ReadonlyMap<string, Float64Array>,
  { outsideNs, shareHeld }: { outsideNs: number; shareHeld: number },
): string[] {
  const faults: string[] = [];
  for (const [key, measured] of truth) {
    const counted = seen.get(key);
    for (const share of SHARES) {
      const is = counted === undefined ? undefined : percentile(counted, share)?.bucket;
      const should = percentile(measured, share)!.bucket;
      const least =
        share > shareHeld ? 0 : bucketOf(Math.max(0, Math.floor(bucketFromNs(should) - outsideNs))) - 1;
      if (is === undefined || is > should + 1 || is < least)
        faults.push(`p${share * 100} of ${key}: in bucket ${is}, measured in ${should}`);
    }
  }
  return faults;
}

function add(counts: Map<string, Float64Array>, key: string, bucket: number, count: number): void {
  const buckets = counts.get(key) ?? new Float64Array(BUCKETS);
  counts.set(key, buckets);
  buckets[bucket]! += count;
}
