/**
 * Owns opening a perf event on a CPU, and the list of CPUs that are online.
 * Invariant: `attributes` name every field that is not 0; what the kernel does not know it refuses by itself.
 */
import { readFileSync } from 'node:fs';
import { bpfErrorOfErrno } from './bpf-error.js';
import { lastErrno, native } from './native.js';

/** Of struct perf_event_attr, what the project sets; the rest is 0. */
export interface PerfEventAttributes {
  /** enum perf_type_id: 0 hardware, 1 software. */
  type: number;
  config: number;
  /** A period, or with the flag `freq` samples a second; 0 for an event that only reports. */
  samplePeriod?: number;
  /** PERF_SAMPLE_*, or-ed. */
  sampleType?: number;
  /** PERF_FORMAT_*, or-ed: what a read of the event gives. */
  readFormat?: number;
  /** PERF_EVENT_FLAGS, or-ed. */
  flags: bigint;
  /** With the flag `useClockid`: a clockid_t. */
  clockid?: number;
}

/** Bits of the word that follows read_format; not all of them, those that the project sets. */
export const PERF_EVENT_FLAGS = {
  disabled: 1n << 0n,
  mmap: 1n << 8n,
  comm: 1n << 9n,
  freq: 1n << 10n,
  task: 1n << 13n,
  sampleIdAll: 1n << 18n,
  mmap2: 1n << 23n,
  commExec: 1n << 24n,
  useClockid: 1n << 25n,
  cgroup: 1n << 32n,
} as const;

/** PERF_ATTR_SIZE_VER5, of Linux 4.1: every field above lies within it. */
const ATTRIBUTES_BYTES = 112;
const PERF_FLAG_FD_CLOEXEC = 8;
const EVERY_PROCESS = -1;
/** By `process.arch`. */
const SYS_PERF_EVENT_OPEN: Readonly<Record<string, number>> = {
  x64: 298,
  arm64: 241,
  riscv64: 241,
  s390x: 331,
};

/** A descriptor that the caller closes. @throws BpfError when the kernel refuses */
export function openPerfEvent(attributes: PerfEventAttributes, cpu: number): number {
  const attr = Buffer.alloc(ATTRIBUTES_BYTES);
  attr.writeUInt32LE(attributes.type, 0);
  attr.writeUInt32LE(ATTRIBUTES_BYTES, 4);
  attr.writeBigUInt64LE(BigInt(attributes.config), 8);
  attr.writeBigUInt64LE(BigInt(attributes.samplePeriod ?? 0), 16);
  attr.writeBigUInt64LE(BigInt(attributes.sampleType ?? 0), 24);
  attr.writeBigUInt64LE(BigInt(attributes.readFormat ?? 0), 32);
  attr.writeBigUInt64LE(attributes.flags, 40);
  attr.writeInt32LE(attributes.clockid ?? 0, 92);
  const call = SYS_PERF_EVENT_OPEN[process.arch];
  const subject = `perf event ${attributes.type}:${attributes.config} on CPU ${cpu}`;
  if (call === undefined) throw bpfErrorOfErrno('open', subject, ENOSYS);
  const fd = native().libc.syscall(call, attr, EVERY_PROCESS, cpu, -1, PERF_FLAG_FD_CLOEXEC);
  if (fd < 0) throw bpfErrorOfErrno('open', subject, lastErrno());
  return fd;
}

const ENOSYS = 38;
const ONLINE_CPUS = '/sys/devices/system/cpu/online';

/** Numbers of the CPUs that run now, in order. A file of one line, `0-3,6`: cheap enough for every window. */
export function readOnlineCpus(text = readFileSync(ONLINE_CPUS, 'utf8')): number[] {
  const cpus: number[] = [];
  for (const part of text.trim().split(',')) {
    const [first, last = first] = part.split('-').map(Number);
    for (let cpu = first!; cpu <= last!; cpu++) cpus.push(cpu);
  }
  return cpus;
}
