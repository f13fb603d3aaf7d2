/** Owns the kernel's numbers for map types and flags, by the names of linux/bpf.h in lower case. */

export const MAP_TYPES = {
  hash: 1,
  array: 2,
  'prog-array': 3,
  'perf-event-array': 4,
  'percpu-hash': 5,
  'percpu-array': 6,
  'stack-trace': 7,
  'cgroup-array': 8,
  'lru-hash': 9,
  'lru-percpu-hash': 10,
  'lpm-trie': 11,
  'array-of-maps': 12,
  'hash-of-maps': 13,
  queue: 22,
  stack: 23,
  ringbuf: 27,
  'task-storage': 29,
} as const;
export type MapType = keyof typeof MAP_TYPES;

export const MAP_FLAGS = {
  /** Entries are allocated when they are made, not all at creation. */
  noPrealloc: 1 << 0,
  /** User space may map the values; libbpf sets it for .data, .bss and .rodata. */
  mmapable: 1 << 10,
  /** An array whose size may differ from that of the template of its outer map. */
  innerMap: 1 << 12,
} as const;

const PER_CPU_TYPES: ReadonlySet<number> = new Set([
  MAP_TYPES['percpu-hash'],
  MAP_TYPES['percpu-array'],
  MAP_TYPES['lru-percpu-hash'],
]);

export function isPerCpu(type: number): boolean {
  return PER_CPU_TYPES.has(type);
}

/** Per-CPU values are padded to this in what user space reads and writes. */
const PER_CPU_ALIGN_BYTES = 8;

/** Bytes that one value takes in user space: of a per-CPU map, one padded value for each possible CPU. */
export function userValueBytes(type: number, valueBytes: number, possibleCpus: number): number {
  if (!isPerCpu(type)) return valueBytes;
  return Math.ceil(valueBytes / PER_CPU_ALIGN_BYTES) * PER_CPU_ALIGN_BYTES * possibleCpus;
}
