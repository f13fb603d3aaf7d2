/**
 * Owns what is asked of latencies: which heatmap, of which operation and target, and the region of it that the page is of.
 */
import type { HeatmapName } from '@stallscope/latency';
import { isOfWaits, kindsOfRegion, type LatencyRegion, type Query } from '@stallscope/profile';
import { ALL_LENGTHS, type BucketSpan } from './bucket-span';

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

/** The query of a view of a region: one of waits of some lengths has the kinds of those waits. */
export function queryOfRegion(query: Query, region: LatencyRegion | undefined): Query {
  return region !== undefined && isOfWaits(region, query.view)
    ? { ...query, kinds: kindsOfRegion(region) }
    : query;
}
