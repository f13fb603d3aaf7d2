/** Owns system calls as a latency probe: time from entry to exit, by call. */
import { probeTracing } from '@stallscope/libbpf';
import type { LatencyPrograms, LatencyRoute, RouteVerdict } from './latency-route.js';
import { type SyscallArchitecture, syscallName } from './syscall-names.js';

/** IS_32_BIT_CALL of probes/syscalls/syscalls.bpf.c. */
const IS_32_BIT_CALL = 0x8000;

/** Whether this host can trace the entry and exit of system calls, in `words`; what fits in front of others' verdicts. */
export function assessSyscallHooks(words: string): RouteVerdict {
  for (const name of ['sys_enter', 'sys_exit']) {
    const access = probeTracing('tp_btf', name);
    if (!access.ok) return { status: 'missing', detail: access.cause };
  }
  return { status: 'ok', detail: words };
}

export const SYSCALLS_ROUTE: LatencyRoute = {
  name: 'syscalls',
  assess: () => assessSyscallHooks('tp_btf sys_enter and sys_exit'),
  programs: (): LatencyPrograms => ({ begins: ['sys_enter'], ends: ['sys_exit'] }),
  maxEntries: {
    // 65,536 × 72 B × 2 = 9 MiB: a busy host's 1,000 threads with 10 calls of 6 lengths each in a window.
    counts_0: 65_536,
    counts_1: 65_536,
  },
  operationOf(code) {
    const name = syscallName(code & ~IS_32_BIT_CALL, architecture());
    // The numbers of 32-bit programs are of another table.
    return code & IS_32_BIT_CALL ? `32-bit syscall ${code & ~IS_32_BIT_CALL}` : name;
  },
  targetOf: () => '',
  losses: {
    countsFull: 'syscalls-counts-full',
    startMissed: 'syscalls-start-missed',
    inFlightFull: 'syscalls-in-flight-full',
    endMissed: 'syscalls-end-missed',
  },
};

function architecture(): SyscallArchitecture {
  return process.arch === 'arm64' ? 'arm64' : 'x64';
}
