// Generated from the BTF of probes/cpu/cpu.bpf.c. Do not edit: npm run generate -w @stallscope/probes
// Offsets and sizes in bytes.

export const CPU_ROW_KEY = {
  size: 56,
  userStack: 0,
  kernelStack: 8,
  cgroup: 16,
  slice: 24,
  tgid: 32,
  tid: 36,
  comm: 40,
} as const;

export const CPU_ROW_VALUE = {
  size: 8,
  samples: 0,
} as const;

export const COUNTER = {
  LOST_ROW_MAP_FULL: 0,
  LOST_STACK_MAP_FULL: 1,
  LOST_STACK_ERROR: 2,
  LOST_STACK_TRUNCATED: 3,
  LOST_SAMPLE: 4,
  LOST_COUNT: 5,
  COUNT_TICKS: 5,
  COUNT_SAMPLES: 6,
  COUNT_STACKS_INSERTED: 7,
  COUNTER_COUNT: 8,
} as const;
