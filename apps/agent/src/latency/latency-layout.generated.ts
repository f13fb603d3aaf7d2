// Generated from the BTF of probes/block/block.bpf.c. Do not edit: npm run generate -w @stallscope/probes
// Offsets and sizes in bytes.

export const LATENCY_KEY = {
  size: 16,
  tgid: 0,
  tid: 4,
  target: 8,
  operation: 12,
  bucket: 14,
  reserved: 15,
} as const;

export const COUNTER = {
  LOST_COUNTS_FULL: 0,
  LOST_START_MISSED: 1,
  LOST_IN_FLIGHT_FULL: 2,
  LOST_END_MISSED: 3,
  LOST_COUNT: 4,
  COUNT_OPERATIONS: 4,
  COUNTER_COUNT: 5,
} as const;
