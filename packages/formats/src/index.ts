export { detectFormat } from './detect-format.js';
export * from './format-error.js';
export * from './format-names.js';
export * from './read.js';
export { DEFAULT_READ_LIMITS, type ReadLimits } from './read-limits.js';
export * from './rows-to-samples.js';
export * from './tree-to-samples.js';
export * from './windows-to-samples.js';
export * from './write.js';
