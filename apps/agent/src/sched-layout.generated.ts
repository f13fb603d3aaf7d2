// Generated from the BTF of probes/sched/sched.bpf.c. Do not edit: npm run generate -w @stallscope/probes
// Offsets and sizes in bytes.

export const STACK = {
  size: 1024,
  depth: 0,
  own: 4,
  frames: 8,
} as const;

export const LINK = {
  size: 48,
  userStack: 0,
  kernelStack: 8,
  tgid: 16,
  tid: 20,
  comm: 24,
  isInterrupt: 40,
  reserved: 44,
} as const;

export const CHAIN = {
  size: 136,
  links: 0,
  depth: 128,
  end: 132,
} as const;

export const ROW_KEY = {
  size: 64,
  userStack: 0,
  kernelStack: 8,
  chain: 16,
  cgroup: 24,
  tgid: 32,
  tid: 36,
  comm: 40,
  kind: 56,
  state: 57,
  bucket: 58,
  quarter: 59,
  reserved: 60,
} as const;

export const ROW_VALUE = {
  size: 32,
  captures: 0,
  countQ10: 8,
  ns: 16,
  varianceKns2: 24,
} as const;

export const THREAD_COUNTERS = {
  size: 568,
  ns: 0,
  onCpuNs: 24,
  livedNs: 32,
  livedSinceNs: 64,
  count: 72,
  switches: 84,
  histogram: 88,
} as const;

export const THREAD_RECORD = {
  size: 624,
  tgid: 0,
  tid: 4,
  comm: 8,
  offCpuSinceNs: 24,
  userStack: 32,
  kernelStack: 40,
  waitingKind: 48,
  waitingState: 49,
  isWaiting: 50,
  isKernelThread: 51,
  isShort: 52,
  reserved: 53,
  counters: 56,
} as const;

export const EXITED_KEY = {
  size: 16,
  exitNs: 0,
  tid: 8,
  generation: 12,
} as const;

export const LENGTH_KEY = {
  size: 16,
  tgid: 0,
  tid: 4,
  kind: 8,
  reserved: 12,
} as const;

export const LENGTH_COUNTS = {
  size: 640,
  count: 0,
} as const;

export const KIND = {
  KIND_BLOCKED: 0,
  KIND_RUNQ: 1,
  KIND_PREEMPTED: 2,
  KIND_COUNT: 3,
} as const;

export const LIFE = {
  LIFE_BLOCKED: 0,
  LIFE_RUNQ: 1,
  LIFE_PREEMPTED: 2,
  LIFE_ON_CPU: 3,
  LIFE_COUNT: 4,
} as const;

export const STATE_LETTER = {
  STATE_RUNNING: 0,
  STATE_SLEEPING: 1,
  STATE_DISK: 2,
  STATE_STOPPED: 3,
  STATE_TRACED: 4,
  STATE_DEAD: 5,
  STATE_ZOMBIE: 6,
  STATE_PARKED: 7,
  STATE_IDLE: 8,
  STATE_OTHER: 9,
} as const;

export const CHAIN_END = {
  CHAIN_LINKED: 0,
  CHAIN_CAUSE: 1,
  CHAIN_INTERRUPT: 2,
  CHAIN_CUT: 3,
  CHAIN_UNSAMPLED: 4,
} as const;

export const COUNTER = {
  LOST_TASK_STORAGE_REFUSED: 0,
  LOST_ROW_MAP_FULL: 1,
  LOST_STACK_MAP_FULL: 2,
  LOST_LINK_MAP_FULL: 3,
  LOST_CHAIN_MAP_FULL: 4,
  LOST_EXITED_MAP_FULL: 5,
  LOST_STACK_ERROR: 6,
  LOST_STACK_TRUNCATED: 7,
  LOST_WAKE_MISSED: 8,
  LOST_SWITCH_MISSED: 9,
  LOST_STACK_PAGED_OUT: 10,
  LOST_LENGTHS_FULL: 11,
  LOST_COUNT: 12,
  COUNT_SWITCHES: 12,
  COUNT_CAPTURES: 13,
  COUNT_STACKS_INSERTED: 14,
  COUNT_LINKS_INSERTED: 15,
  COUNT_CHAINS_INSERTED: 16,
  COUNT_STACKS_CHECKED: 17,
  COUNT_STACKS_DIFFERENT: 18,
  COUNTER_COUNT: 19,
} as const;
