/**
 * Owns operations of ext4 as a latency probe, by operation and device: fsync by its tracepoints, the others by system
 * calls on descriptors of its plain files, which do not see all there is. It says so.
 */
import { existsSync, readFileSync } from 'node:fs';
import { probeTracing } from '@stallscope/libbpf';
import { diskName } from './disk-names.js';
import type { LatencyPrograms, LatencyRoute, RouteVerdict } from './latency-route.js';
import { assessSyscallHooks } from './syscalls-route.js';

/** Order is that of enum ext4_operation in probes/ext4/ext4.bpf.c. */
const EXT4_OPERATIONS = ['read', 'write', 'open', 'fsync'];

/** Where ext4 is a module: libbpf finds its tracepoints there. */
const MODULE_BTF = '/sys/kernel/btf/ext4';

const WORDS =
  'fsync by tp_btf ext4_sync_file; read, write and open by system calls on ext4 files: mmap, io_uring, sendfile, splice and 32-bit programs are not seen';

export const EXT4_ROUTE: LatencyRoute = {
  name: 'ext4',
  assess(): RouteVerdict {
    if (!isKnownToKernel('ext4')) {
      return { status: 'missing', detail: 'this kernel has no ext4 now; mount one and ask again' };
    }
    if (!existsSync(MODULE_BTF)) {
      const access = probeTracing('tp_btf', 'ext4_sync_file_enter');
      if (!access.ok) return { status: 'missing', detail: access.cause };
    }
    const calls = assessSyscallHooks(WORDS);
    return calls.status === 'ok' ? { ...calls, status: 'degraded' } : calls;
  },
  programs: (): LatencyPrograms => ({
    begins: ['sys_enter', 'ext4_sync_file_enter'],
    ends: ['sys_exit', 'ext4_sync_file_exit'],
  }),
  maxEntries: {
    // 16,384 × 72 B × 2 = 2.3 MiB: 500 threads at it with 30 lengths each in a window.
    counts_0: 16_384,
    counts_1: 16_384,
  },
  operationOf: (code) => EXT4_OPERATIONS[code] ?? `operation ${code}`,
  targetOf: (code) => diskName(code),
  losses: {
    countsFull: 'ext4-counts-full',
    startMissed: 'ext4-start-missed',
    inFlightFull: 'ext4-in-flight-full',
    endMissed: 'ext4-end-missed',
  },
};

function isKnownToKernel(fileSystem: string): boolean {
  return readFileSync('/proc/filesystems', 'utf8')
    .split('\n')
    .some((line) => line.split('\t').at(-1) === fileSystem);
}
