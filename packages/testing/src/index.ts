/** Fixtures for the tests of every room. Not for production code. */
export * from '@stallscope/profile/fixtures';
export * from './bpf-descriptors.js';
export * from './kernel-gate.js';
export * from './redis.js';
export { type MapLine, RuntimeProcess, readMapLines } from './runtime-process.js';
export * from './workload-run.js';
