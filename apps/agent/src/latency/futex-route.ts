/** Owns waits in futexes as a latency probe: time from entry to exit of the calls that wait, by what they wait for. */
import type { LatencyPrograms, LatencyRoute } from './latency-route.js';
import { assessSyscallHooks } from './syscalls-route.js';

/** Order is that of enum futex_operation in probes/futex/futex.bpf.c. */
const FUTEX_OPERATIONS = [
  'wait',
  'wait_bitset',
  'lock_pi',
  'lock_pi2',
  'wait_requeue_pi',
  'futex_waitv',
  'futex_wait',
];

export const FUTEX_ROUTE: LatencyRoute = {
  name: 'futex',
  assess: () =>
    assessSyscallHooks(
      'tp_btf sys_enter and sys_exit, of the calls that wait; those of 32-bit programs are not seen',
    ),
  programs: (): LatencyPrograms => ({ begins: ['sys_enter'], ends: ['sys_exit'] }),
  maxEntries: {
    // 16,384 × 72 B × 2 = 2.3 MiB: 1,000 threads that wait for 16 lengths each in a window.
    counts_0: 16_384,
    counts_1: 16_384,
  },
  operationOf: (code) => FUTEX_OPERATIONS[code] ?? `operation ${code}`,
  targetOf: () => '',
  losses: {
    countsFull: 'futex-counts-full',
    startMissed: 'futex-start-missed',
    inFlightFull: 'futex-in-flight-full',
    endMissed: 'futex-end-missed',
  },
};
