/** Owns block devices as a latency probe: time from a request's issue to its completion, by disk and operation. */
import { probeTracing, tracepointArgumentCount } from '@stallscope/libbpf';
import { diskName } from './disk-names.js';
import type { LatencyPrograms, LatencyRoute, RouteVerdict } from './latency-route.js';

/** Order is that of enum block_operation in probes/block/block.bpf.c. */
const BLOCK_OPERATIONS = ['read', 'write', 'flush', 'discard', 'secure erase', 'write zeroes', 'other'];

export const BLOCK_ROUTE: LatencyRoute = {
  name: 'block',
  assess(): RouteVerdict {
    const access = probeTracing('tp_btf', 'block_rq_complete');
    if (!access.ok) return { status: 'missing', detail: access.cause };
    const who = hasIoStart()
      ? 'whose a request is comes from block_io_start'
      : 'whose a request is comes from block_rq_insert: what a worker of the kernel inserts is the worker’s';
    return {
      status: 'ok',
      detail: `tp_btf block_rq_insert, issue and complete, from issue to completion; ${who}`,
    };
  },
  programs(): LatencyPrograms {
    // 5.11 took an argument out of them.
    const suffix = tracepointArgumentCount('block_rq_issue') === 2 ? '_before_5_11' : '';
    const begins = ['requeue', 'merge', 'issue', 'insert']
      .filter((event) => tracepointArgumentCount(`block_rq_${event}`) !== undefined)
      .map((event) => `block_rq_${event}${suffix}`);
    return { begins: hasIoStart() ? [...begins, 'block_io_start'] : begins, ends: ['block_rq_complete'] };
  },
  maxEntries: {
    // 16,384 × 72 B × 2 = 2.3 MiB: 500 threads at it with 30 lengths each in a window.
    counts_0: 16_384,
    counts_1: 16_384,
    // 16,384 × 80 B = 1.3 MiB: 16 NVMe disks with 1,023 requests each on their way.
    in_flight: 16_384,
  },
  operationOf: (code) => BLOCK_OPERATIONS[code] ?? `operation ${code}`,
  targetOf: (code) => diskName(code),
  losses: {
    countsFull: 'block-counts-full',
    startMissed: 'block-start-missed',
    inFlightFull: 'block-in-flight-full',
    endMissed: 'block-end-missed',
  },
};

/** Since Linux 6.5. */
function hasIoStart(): boolean {
  return tracepointArgumentCount('block_io_start') !== undefined;
}
