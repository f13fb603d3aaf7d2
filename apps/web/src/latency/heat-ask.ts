/**
 * Owns what is asked of latencies: which heatmap, of which operation and target, and the region of it that the page is of.
 */
import { BUCKETS, type HeatmapName } from '@stallscope/latency';
import { kindsOfRegion, type LatencyRegion, type Query } from '@stallscope/profile';

/** Buckets from `fromBucket` up to, not with, `toBucket`. */
export interface BucketSpan {
  fromBucket: number;
  toBucket: number;
}

/** What a page asks of latencies. */
export interface LatencyAsk {
  name: HeatmapName;
  /** One operation alone, one target alone; null: all that the heatmap counts. */
  operation: string | null;
  target: string | null;
  /** The region's lengths; null: all. Its time is the span of the selection. */
  latency: BucketSpan | null;
  /** Length of the frame that is drawn around a stretch that was chosen, ms; Infinity for all that is held. */
  frameMs: number;
}

/** The region that an ask shows; undefined where it is all that there is. */
export function regionOf({ latency }: { latency?: LatencyAsk }): LatencyRegion | undefined {
  if (latency === undefined) return undefined;
  const { name, operation, target } = latency;
  if (operation === null && target === null && latency.latency === null) return undefined;
  return { heatmap: name, operation, target, ...(latency.latency ?? ALL_LENGTHS) };
}

export const ALL_LENGTHS: BucketSpan = { fromBucket: 0, toBucket: BUCKETS };

/** The query of a view of a region: one of waits of some lengths has the kinds of those waits. */
export function queryOfRegion(query: Query, region: LatencyRegion | undefined): Query {
  if (region === undefined) return query;
  const kinds = kindsOfRegion(region);
  return kinds.length === 0 ? query : { ...query, kinds };
}
