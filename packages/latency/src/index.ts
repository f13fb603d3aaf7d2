export * from './buckets.js';
export * from './heat-grid.js';
export * from './heatmaps.js';
export * from './histogram.js';
