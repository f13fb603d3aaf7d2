/**
 * Owns the JSON of `heatmap`: one object, whose buckets are the quarter octaves that were counted, empty ones left out.
 *
 *     { "format": "stallscope-heatmap", "version": 1, "heatmap": "biolatency", …,
 *       "groups": [ { "operation": "write", "target": "vda", "count": 90, "percentiles": [ … ], "buckets": [ … ] } ] }
 */
import { bucketFromNs, bucketToNs, percentile } from '@stallscope/latency';
import type { HeatmapResult } from './heatmap-result.js';
import { SHARES } from './heatmap-text.js';
import type { LatencyGroup } from './latency-sum.js';

export function toHeatmapJson({ kind, sum, operation, wasInterrupted }: HeatmapResult): string {
  return `${JSON.stringify(
    {
      format: 'stallscope-heatmap',
      version: 1,
      heatmap: kind.name,
      help: kind.help,
      ...(operation !== undefined && { operation }),
      startedAt: new Date(sum.startedAtMs ?? Date.now()).toISOString(),
      durationMs: sum.durationMs,
      endedEarly: wasInterrupted,
      count: sum.count,
      route: sum.detail,
      losses: sum.losses,
      groups: sum.groups.map(toGroup),
    },
    undefined,
    2,
  )}\n`;
}

function toGroup({ operation, target, tgid, tid, comm, counts, count }: LatencyGroup): object {
  return {
    ...(operation !== undefined && { operation, target }),
    ...(tgid !== undefined && { tgid }),
    ...(tid !== undefined && { tid }),
    ...(comm !== undefined && { comm }),
    count,
    percentiles: SHARES.map((share) => {
      const { ns, fromNs, toNs } = percentile(counts, share)!;
      return { share, aboutNs: Math.round(ns), ...edges(fromNs, toNs) };
    }),
    buckets: [...counts].flatMap((inBucket, bucket) =>
      inBucket === 0 ? [] : [{ ...edges(bucketFromNs(bucket), bucketToNs(bucket)), count: inBucket }],
    ),
  };
}

/** The last bucket has no end. */
function edges(fromNs: number, toNs: number): { fromNs: number; toNs: number | null } {
  return { fromNs: tenths(fromNs), toNs: Number.isFinite(toNs) ? tenths(toNs) : null };
}

function tenths(ns: number): number {
  return Math.round(ns * 10) / 10;
}
