export type { InlineSummary } from '@stallscope/symbols';
export { type AgentOptions, runAgent } from './agent.js';
export { cgroupIdOfPath } from './cgroup-filter.js';
export { DEFAULT_CPU_HZ, MAX_CPU_HZ } from './cpu-collector.js';
export { type HostIdentity, readHostIdentity } from './host-facts.js';
export { assessLatencyProbes, type LatencyCapability } from './latency/latency-probes.js';
export { DEFAULT_MAP_SIZES, type MapSizes } from './map-sizes.js';
export type { AskForRunTimes } from './run-statistics.js';
export { type CollectorFilter, type CollectorOptions, SchedCollector } from './sched-collector.js';
