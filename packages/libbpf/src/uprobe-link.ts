/**
 * Owns setting a uprobe by a link of its own kind (Linux 6.6 and later), which takes CAP_BPF and CAP_PERFMON, where a perf
 * event takes CAP_SYS_ADMIN. libbpf knows it since 1.3, so the call is made here: struct bpf_attr of BPF_LINK_CREATE,
 *
 *     0 u32 prog_fd   4 target_fd   8 attach_type   12 flags
 *     16 u64 path   24 u64 *offsets   32 u64 *ref_ctr_offsets   40 u64 *cookies   48 u32 cnt   52 u32 flags   56 u32 pid
 *
 * A program is verified for one way or the other: `isUprobeLinkKnown` decides before the load.
 */
import { bpfErrorOfErrno } from './bpf-error.js';
import { ENOSYS } from './errno.js';
import { readKernelBtf } from './kernel-features.js';
import { copyToMemory, lastErrno, native } from './native.js';
import type { UprobePlace } from './uprobe.js';

/** enum bpf_attach_type. */
export const BPF_TRACE_UPROBE_MULTI = 48;
const BPF_LINK_CREATE = 28n;
const BPF_F_UPROBE_MULTI_RETURN = 1;
/** By `process.arch`. */
const SYS_BPF: Readonly<Record<string, number>> = { x64: 321, arm64: 280, riscv64: 280, s390x: 351 };

const ATTRIBUTES_BYTES = 64;
const OFFSET_AT = 64;
const COOKIE_AT = 72;
const PATH_AT = 80;
/** The attributes and PATH_MAX. */
const MEMORY_BYTES = 8192;
const MAX_PATH_BYTES = 4096;
const PROT_READ_WRITE = 3;
const MAP_PRIVATE_ANONYMOUS = 0x22;
const MAP_FAILED = 2n ** 64n - 1n;

/** Whether this kernel has such links. @throws BpfError when it has no BTF */
export function isUprobeLinkKnown(): boolean {
  return readKernelBtf().struct('bpf_uprobe_multi_link') !== undefined;
}

/** @returns a descriptor: the program runs until it is closed. @throws BpfError when the kernel refuses */
export function createUprobeLink(programFd: number, subject: string, place: UprobePlace): number {
  const path = Buffer.from(`${place.path}\0`);
  const call = SYS_BPF[process.arch];
  if (call === undefined) throw bpfErrorOfErrno('attach', subject, ENOSYS);
  if (path.length > MAX_PATH_BYTES) throw new RangeError(`${subject}: its path is longer than a path can be`);
  const { libc } = native();
  const memory = libc.mmap(null, MEMORY_BYTES, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
  if (memory === null || memory === MAP_FAILED) throw bpfErrorOfErrno('attach', subject, lastErrno());
  try {
    const bytes = Buffer.alloc(PATH_AT + path.length);
    bytes.writeUInt32LE(programFd, 0);
    bytes.writeUInt32LE(BPF_TRACE_UPROBE_MULTI, 8);
    bytes.writeBigUInt64LE(memory + BigInt(PATH_AT), 16);
    bytes.writeBigUInt64LE(memory + BigInt(OFFSET_AT), 24);
    bytes.writeBigUInt64LE(memory + BigInt(COOKIE_AT), 40);
    bytes.writeUInt32LE(1, 48);
    bytes.writeUInt32LE(place.isReturn ? BPF_F_UPROBE_MULTI_RETURN : 0, 52);
    bytes.writeBigUInt64LE(BigInt(place.fileOffset), OFFSET_AT);
    bytes.writeBigUInt64LE(place.cookie ?? 0n, COOKIE_AT);
    path.copy(bytes, PATH_AT);
    copyToMemory(memory, bytes);
    const fd = libc.syscall(call, BPF_LINK_CREATE, Number(memory), ATTRIBUTES_BYTES, 0, 0);
    if (fd < 0) throw bpfErrorOfErrno('attach', subject, lastErrno());
    return fd;
  } finally {
    libc.munmap(memory, MEMORY_BYTES);
  }
}
