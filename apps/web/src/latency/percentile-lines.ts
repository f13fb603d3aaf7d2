/** Owns the names of the lines over a heatmap, in the order of HEAT_PERCENTILES. */
export const PERCENTILE_LINES = ['p50', 'p95', 'p99'] as const;
export type PercentileLineName = (typeof PERCENTILE_LINES)[number];
