export * from './charts.js';
export * from './checklist.js';
export * from './groups.js';
export * from './metrics.js';
export * from './vital-summary.js';
export * from './vital-text.js';
export * from './waits-of-windows.js';
