/**
 * Owns what the kernel tells of loaded programs and maps: names, ids, run counters, and which there are on this host.
 * Layouts are struct bpf_prog_info and struct bpf_map_info of linux/bpf.h, which only grow at their ends.
 */
import { closeSync } from 'node:fs';
import { assertSucceeded, bpfErrorOfErrno } from './bpf-error.js';
import { ENOENT } from './errno.js';
import { native } from './native.js';

export interface ProgramInfo {
  id: number;
  /** Number of linux/bpf.h. */
  type: number;
  /** The first 15 characters; kallsyms has it as `bpf_prog_TAG_NAME`. */
  name: string;
  /** Sixteen hex digits. */
  tag: string;
  /** Zero unless run time statistics are on: see `enableRunTimeStats`. */
  runTimeNs: number;
  /** Zero unless run time statistics are on. */
  runCount: number;
  /** Runs that did not happen because the program, or one that shares its hook, was running on that CPU already. */
  recursionMisses: number;
  verifiedInstructions: number;
  /** Bytes of machine code; 0 when the program is interpreted. */
  jitedBytes: number;
}

export interface MapInfo {
  id: number;
  /** Number of linux/bpf.h. */
  type: number;
  name: string;
  keyBytes: number;
  valueBytes: number;
  maxEntries: number;
  flags: number;
}

const PROG_INFO_BYTES = 224;
const MAP_INFO_BYTES = 80;
const NAME_BYTES = 16;
const BPF_STATS_RUN_TIME = 0;

/** @throws BpfError when `fd` is no program. */
export function readProgramInfo(fd: number): ProgramInfo {
  const info = readInfo(fd, PROG_INFO_BYTES, 'program');
  return {
    type: info.readUInt32LE(0),
    id: info.readUInt32LE(4),
    tag: info.toString('hex', 8, 16),
    jitedBytes: info.readUInt32LE(16),
    name: nameAt(info, 64),
    runTimeNs: Number(info.readBigUInt64LE(192)),
    runCount: Number(info.readBigUInt64LE(200)),
    recursionMisses: Number(info.readBigUInt64LE(208)),
    verifiedInstructions: info.readUInt32LE(216),
  };
}

/** @throws BpfError when `fd` is no map. */
export function readMapInfo(fd: number): MapInfo {
  const info = readInfo(fd, MAP_INFO_BYTES, 'map');
  return {
    type: info.readUInt32LE(0),
    id: info.readUInt32LE(4),
    keyBytes: info.readUInt32LE(8),
    valueBytes: info.readUInt32LE(12),
    maxEntries: info.readUInt32LE(16),
    flags: info.readUInt32LE(20),
    name: nameAt(info, 24),
  };
}

/** Every program loaded on this host, whoever loaded it. Needs CAP_SYS_ADMIN. */
export function listPrograms(): ProgramInfo[] {
  const { libbpf } = native();
  return list('programs', libbpf.bpf_prog_get_next_id, libbpf.bpf_prog_get_fd_by_id, readProgramInfo);
}

/** Every map of this host, whoever made it. Needs CAP_SYS_ADMIN. */
export function listMaps(): MapInfo[] {
  const { libbpf } = native();
  return list('maps', libbpf.bpf_map_get_next_id, libbpf.bpf_map_get_fd_by_id, readMapInfo);
}

/** The kernel times every BPF program, at some tens of nanoseconds a run, until the handle is closed. */
export function enableRunTimeStats(): { close(): void } {
  let fd = assertSucceeded(
    'enable',
    'BPF run time statistics',
    native().libbpf.bpf_enable_stats(BPF_STATS_RUN_TIME),
  );
  return {
    close() {
      if (fd < 0) return;
      closeSync(fd);
      fd = -1;
    },
  };
}

/** More than any host has; ends the walk if the kernel's answers do not. */
const MAX_LISTED = 100_000;

function list<T>(
  what: string,
  nextId: (start: number, next: Uint32Array) => number,
  fdOf: (id: number) => number,
  read: (fd: number) => T,
): T[] {
  const found: T[] = [];
  const next = new Uint32Array(1);
  let id = 0;
  for (let i = 0; i < MAX_LISTED; i++) {
    const result = nextId(id, next);
    if (result === -ENOENT) return found;
    assertSucceeded('list', `BPF ${what}`, result);
    id = next[0]!;
    const fd = fdOf(id);
    // Gone between the two calls.
    if (fd === -ENOENT) continue;
    if (fd < 0) throw bpfErrorOfErrno('list', `BPF ${what}`, fd);
    try {
      found.push(read(fd));
    } finally {
      closeSync(fd);
    }
  }
  return found;
}

function readInfo(fd: number, bytes: number, what: string): Buffer {
  const info = Buffer.alloc(bytes);
  assertSucceeded(
    'read',
    `${what} info`,
    native().libbpf.bpf_obj_get_info_by_fd(fd, info, Uint32Array.of(bytes)),
  );
  return info;
}

function nameAt(info: Buffer, at: number): string {
  const end = info.indexOf(0, at);
  return info.toString('utf8', at, end < 0 || end > at + NAME_BYTES ? at + NAME_BYTES : end);
}
