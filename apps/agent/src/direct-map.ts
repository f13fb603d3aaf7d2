/**
 * Owns finding where the kernel's direct map of memory begins, so that the probe can read the stacks of sleepers
 * (probes/include/user-stack.h says how and why). The address is a secret of the kernel: it stays in the probe's own
 * memory, is never sent, logged or kept.
 */
import { readFileSync } from 'node:fs';
import { type BpfObject, readIter } from '@stallscope/libbpf';

const PAGE_BYTES = 4096n;
/** DIRECT_MAP_STEP × DIRECT_MAP_PLACES of probes/include/user-stack.h: what one turn tries. */
const BYTES_A_TURN = 64n << 30n;
/** x86-64 addresses memory with at most 52 bits. */
const MAX_PHYSICAL_BITS = 52;

export interface PhysicalMemory {
  /** No memory lies at or beyond this physical address, bytes; 0n when that cannot be told. */
  end: bigint;
  /** Bits of a page table entry that are an address. */
  mask: bigint;
}

export function readPhysicalMemory(): PhysicalMemory {
  if (process.arch !== 'x64') return { end: 0n, mask: 0n };
  return {
    end: physicalEnd(readFileSync('/proc/zoneinfo', 'utf8')),
    mask: physicalMask(readFileSync('/proc/cpuinfo', 'utf8')),
  };
}

/** @param zoneinfo of /proc/zoneinfo: the pages that each zone spans, and the number of its first */
export function physicalEnd(zoneinfo: string): bigint {
  let end = 0n;
  for (const zone of zoneinfo.split(/^Node \d+, zone/m).slice(1)) {
    const spanned = /^\s+spanned\s+(\d+)$/m.exec(zone)?.[1];
    const first = /^\s+start_pfn:\s+(\d+)$/m.exec(zone)?.[1];
    if (spanned === undefined || first === undefined || spanned === '0') continue;
    const zoneEnd = (BigInt(first) + BigInt(spanned)) * PAGE_BYTES;
    if (zoneEnd > end) end = zoneEnd;
  }
  return end;
}

/** @param cpuinfo of /proc/cpuinfo: "address sizes : 48 bits physical", less what memory encryption takes of them */
export function physicalMask(cpuinfo: string): bigint {
  const bits = Number(/^address sizes\s*:\s*(\d+) bits physical/m.exec(cpuinfo)?.[1] ?? MAX_PHYSICAL_BITS);
  return (1n << BigInt(bits)) - PAGE_BYTES;
}

/**
 * Before the tracepoints are attached. Afterwards the probe reads stacks of sleepers, or, where the map was not found,
 * walks each stack at its switch-out.
 * @returns whether it was found
 */
export function findDirectMap(object: BpfObject, memory: PhysicalMemory): boolean {
  if (memory.end === 0n || !object.programNames.includes('find_direct_map')) return false;
  const link = object.program('find_direct_map').attachIter();
  try {
    for (let turn = 0; BigInt(turn) * BYTES_A_TURN <= memory.end + BYTES_A_TURN; turn++) {
      object.setGlobals({ direct_map_turn: turn });
      readIter(link);
      if (object.readGlobalInteger('direct_map_base') !== 0n) return true;
    }
    return false;
  } finally {
    link.close();
  }
}
