// Generated from the BTF of probes/process/process.bpf.c. Do not edit: npm run generate -w @stallscope/probes
// Offsets and sizes in bytes.

export const EXEC_RECORD = {
  size: 1064,
  timeNs: 0,
  cgroup: 8,
  tgid: 16,
  parentTgid: 20,
  uid: 24,
  argsBytes: 28,
  argsRead: 32,
  reserved: 36,
  args: 40,
} as const;

export const EXEC_COUNTER = {
  EXEC_LOST: 0,
  EXEC_COUNTER_COUNT: 1,
} as const;
