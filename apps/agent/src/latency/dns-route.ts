/** Owns name look-ups as a latency probe: calls of each C library in use, from call to return, by function. */
import { existsSync } from 'node:fs';
import { type BpfAccess, probeProgramType } from '@stallscope/libbpf';
import type { LatencyRoute, RouteVerdict } from './latency-route.js';
import { LibcUprobes } from './libc-uprobes.js';
import type { MappedCode } from './used-libcs.js';

/** Order is that of enum dns_function in probes/dns/dns.h. */
const DNS_FUNCTIONS = ['getaddrinfo', 'gethostbyname', 'gethostbyname2'];

/** The kernel sets uprobes by file descriptor since 4.17; without it there is none that goes with its process. */
const UPROBE_EVENTS = '/sys/bus/event_source/devices/uprobe';

const NOT_SEEN =
  'not seen: programs that are linked statically, those of 32 bits, those that resolve names by themselves (Go, c-ares), and a tenth of a second of a library that nobody used before';

/** @param mapped tells of libraries as processes map them */
export function toDnsRoute(mapped: MappedCode): LatencyRoute {
  return {
    name: 'dns',
    assess(): RouteVerdict {
      const access = assessUprobes();
      if (!access.ok) return { status: 'missing', detail: access.cause };
      return {
        status: 'ok',
        detail: `uprobes and uretprobes on ${DNS_FUNCTIONS.join(', ')} of every C library in use; ${NOT_SEEN}`,
      };
    },
    programs: () => ({
      begins: [],
      ends: [],
      followed: DNS_FUNCTIONS.flatMap((name) => [`${name}_called`, `${name}_returned`]),
    }),
    maxEntries: {
      // 16,384 × 72 B × 2 = 2.3 MiB: 1,000 threads that look up, with 16 lengths each in a window.
      counts_0: 16_384,
      counts_1: 16_384,
    },
    operationOf: (code) => DNS_FUNCTIONS[code] ?? `function ${code}`,
    targetOf: () => '',
    losses: {
      countsFull: 'dns-counts-full',
      startMissed: 'dns-return-missed',
      inFlightFull: 'dns-in-flight-full',
    },
    follow(object) {
      const uprobes = new LibcUprobes(object, DNS_FUNCTIONS, mapped);
      return {
        look: () => uprobes.look(),
        detail: () => `uprobes on ${DNS_FUNCTIONS.join(', ')} of ${uprobes.words}; ${NOT_SEEN}`,
        close: () => uprobes.close(),
      };
    },
  };
}

/** Whether this kernel sets uprobes and gives them to BPF. */
export function assessUprobes(): BpfAccess {
  if (!existsSync(UPROBE_EVENTS)) {
    return {
      ok: false,
      cause: 'this kernel has no uprobes (CONFIG_UPROBE_EVENTS)',
      hint: 'boot a kernel with CONFIG_UPROBE_EVENTS=y; those of all distributions have it',
    };
  }
  if (!probeProgramType('kprobe')) {
    return {
      ok: false,
      cause: 'this kernel refuses BPF programs for uprobes (type kprobe)',
      hint: 'boot a kernel with CONFIG_BPF_EVENTS=y, without lockdown for confidentiality',
    };
  }
  return { ok: true };
}
