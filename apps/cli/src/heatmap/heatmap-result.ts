/** Owns what one run of `heatmap` found out, for whichever way it is printed. */
import type { HeatmapKind } from '@stallscope/latency';
import type { LatencySum } from './latency-sum.js';

export interface HeatmapResult {
  kind: HeatmapKind;
  sum: LatencySum;
  /** Only this operation was asked for. */
  operation?: string;
  /** A line an operation and all together, in place of a table an operation: where there are dozens. */
  showsOverview: boolean;
  wasInterrupted: boolean;
  /** What ended it before its time. */
  failure: unknown;
}
