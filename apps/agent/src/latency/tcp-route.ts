/** Owns TCP connects as a latency probe: from the SYN to what came of it, by outcome and by IPv4 or IPv6. */
import { probeTracing } from '@stallscope/libbpf';
import type { LatencyRoute, RouteVerdict } from './latency-route.js';

/** Order is that of enum tcp_outcome in probes/tcp/tcp.h. */
const TCP_OUTCOMES = [
  'connected',
  'refused',
  'timed out',
  'reset',
  'unreachable',
  'given up',
  'aborted',
  'not sent',
  'failed',
];
/** Order is that of enum tcp_family. */
const TCP_FAMILIES = ['', 'IPv4', 'IPv6'];

export const TCP_ROUTE: LatencyRoute = {
  name: 'tcp',
  assess(): RouteVerdict {
    const access = probeTracing('tp_btf', 'inet_sock_set_state');
    if (!access.ok) return { status: 'missing', detail: access.cause };
    return {
      status: 'ok',
      detail:
        'tp_btf inet_sock_set_state, from SYN_SENT to the next state; what fails before (no route, a wrong address) is not seen',
    };
  },
  programs: () => ({ begins: [], ends: ['on_state'] }),
  maxEntries: {
    // 16,384 × 72 B × 2 = 2.3 MiB: 1,000 threads that connect, with 16 lengths each in a window.
    counts_0: 16_384,
    counts_1: 16_384,
    // 65,536 × 80 B = 5 MiB: more than one address has ports, all to somebody who does not answer.
    in_flight: 65_536,
  },
  operationOf: (code) => TCP_OUTCOMES[code] ?? `outcome ${code}`,
  targetOf: (code) => TCP_FAMILIES[code] ?? '',
  losses: { countsFull: 'tcp-counts-full', inFlightFull: 'tcp-in-flight-full', endMissed: 'tcp-end-missed' },
};
