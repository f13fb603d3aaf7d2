/**
 * Owns reading what a host says about itself that decides whether it can trace. Reads files only, takes a few
 * milliseconds, and never fails: what cannot be read is `undefined`, and findings.ts says what that means.
 */
import { readFileSync, statSync } from 'node:fs';
import { release } from 'node:os';

export interface HostSigns {
  platform: string;
  kernel: string;
  uid: number;
  /** Effective capabilities, bit n for capability n of linux/capability.h. */
  capabilities: bigint;
  btf: boolean;
  /** `none`, `integrity` or `confidentiality`; undefined where the kernel has no lockdown. */
  lockdown: string | undefined;
  /** Addresses in /proc/kallsyms: shown, hidden (all zero), or the file cannot be read. */
  kallsyms: 'shown' | 'hidden' | 'unreadable';
  kptrRestrict: number | undefined;
  perfEventParanoid: number | undefined;
  unprivilegedBpfDisabled: number | undefined;
  /** Locked memory limit, bytes; infinite when unlimited. */
  memlockBytes: number | undefined;
  /** Mount points, by file system type. */
  tracefs: string | undefined;
  cgroup2: string | undefined;
  cgroup1: string | undefined;
  pressure: boolean;
  /** libdw.so.1 of elfutils, where libraries lie. */
  libdw: boolean;
}

/** Debian's, by architecture, Fedora's, and those of hand. */
const LIBRARY_FOLDERS = [
  ...['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu`),
  ...['/usr/lib64', '/usr/lib', '/usr/local/lib64', '/usr/local/lib'],
];

const CAPABILITY_BITS = {
  setgid: 6n,
  setuid: 7n,
  sysPtrace: 19n,
  sysAdmin: 21n,
  sysResource: 24n,
  syslog: 34n,
  perfmon: 38n,
  bpf: 39n,
};
export type CapabilityName = keyof typeof CAPABILITY_BITS;

export function hasCapability(signs: Pick<HostSigns, 'capabilities'>, name: CapabilityName): boolean {
  return ((signs.capabilities >> CAPABILITY_BITS[name]) & 1n) === 1n;
}

export function readHostSigns(): HostSigns {
  const mounts = parseMounts(read('/proc/self/mounts') ?? '');
  return {
    platform: process.platform,
    kernel: release(),
    uid: process.geteuid?.() ?? -1,
    capabilities: parseCapabilities(read('/proc/self/status') ?? ''),
    btf: exists('/sys/kernel/btf/vmlinux'),
    lockdown: parseLockdown(read('/sys/kernel/security/lockdown')),
    kallsyms: kallsyms(),
    kptrRestrict: readNumber('/proc/sys/kernel/kptr_restrict'),
    perfEventParanoid: readNumber('/proc/sys/kernel/perf_event_paranoid'),
    unprivilegedBpfDisabled: readNumber('/proc/sys/kernel/unprivileged_bpf_disabled'),
    memlockBytes: parseMemlock(read('/proc/self/limits') ?? ''),
    tracefs: mounts.get('tracefs'),
    cgroup2: mounts.get('cgroup2'),
    cgroup1: mounts.get('cgroup'),
    pressure: exists('/proc/pressure/cpu'),
    libdw: LIBRARY_FOLDERS.some((folder) => exists(`${folder}/libdw.so.1`)),
  };
}

/** Mount points by file system type, the first of each. */
export function parseMounts(text: string): Map<string, string> {
  const mounts = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, point, type] = line.split(' ');
    if (type !== undefined && point !== undefined && !mounts.has(type)) mounts.set(type, point);
  }
  return mounts;
}

export function parseCapabilities(status: string): bigint {
  const hex = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return hex === undefined ? 0n : BigInt(`0x${hex}`);
}

/** `none [integrity] confidentiality` → `integrity`. */
export function parseLockdown(text: string | undefined): string | undefined {
  return /\[(\w+)\]/.exec(text ?? '')?.[1];
}

export function parseMemlock(limits: string): number | undefined {
  const soft = /^Max locked memory\s+(\S+)/m.exec(limits)?.[1];
  if (soft === undefined) return undefined;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

function kallsyms(): HostSigns['kallsyms'] {
  const text = read('/proc/kallsyms');
  if (text === undefined || text === '') return 'unreadable';
  // _stext and its like are never at 0 unless the kernel hides them all.
  return /^0*[1-9a-f][0-9a-f]* /m.test(text.slice(0, 4096)) ? 'shown' : 'hidden';
}

function readNumber(path: string): number | undefined {
  const text = read(path);
  return text === undefined ? undefined : Number(text);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not there or not for us: both mean that it cannot be known, which is what `undefined` says.
    return undefined;
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
