/**
 * Owns what each vital is: its name on the wire, unit, group, whether it is a rate or a gauge, and what its labels are.
 * A rate is of the time between two readings, so a first reading has none; a gauge is of the instant of its reading.
 *
 *     metric        label     value
 *     cpu.state     user      0.41       41 % of all CPUs
 *     disk.reads    vda       1200       1,200 reads a second
 *
 * Invariant: values are finite and never below 0. docs/vitals.md has every metric, with the file it is read from.
 */
import type { VitalGroup } from './groups.js';

/** `share`: 1 is all of it. `cpus`: seconds of CPU a second. */
export const VITAL_UNITS = [
  'share',
  'cpus',
  'count',
  'per-second',
  'bytes',
  'bytes-per-second',
  'ns',
] as const;
export type VitalUnit = (typeof VITAL_UNITS)[number];

export interface VitalMetric {
  readonly name: string;
  readonly group: VitalGroup;
  readonly unit: VitalUnit;
  readonly kind: 'rate' | 'gauge';
  /** What its labels are, in words; '' for a metric of one series, whose label is ''. */
  readonly labels: string;
  /** Two or three words, for a legend. */
  readonly title: string;
  /** File below /proc or /sys, and field. */
  readonly source: string;
}

const STATES_OF_CPU = 'state: user, nice, system, irq, softirq, steal, iowait, idle';
const RESOURCE = 'resource: cpu, memory, io, irq';
const DISK = 'disk';
const INTERFACE = 'interface';
const CONTAINER = 'container (runtime and short id) or systemd unit';

function metric(
  group: VitalGroup,
  name: string,
  kind: VitalMetric['kind'],
  unit: VitalUnit,
  labels: string,
  title: string,
  source: string,
): VitalMetric {
  return { name, group, unit, kind, labels, title, source };
}

const CPU: readonly VitalMetric[] = [
  metric('vitals-cpu', 'cpu.state', 'rate', 'share', STATES_OF_CPU, 'CPU time', 'stat: cpu'),
  metric('vitals-cpu', 'cpu.busy', 'rate', 'share', 'CPU: cpu0, cpu1, …', 'busy', 'stat: cpuN'),
  metric('vitals-cpu', 'cpu.online', 'gauge', 'count', '', 'CPUs', 'stat: cpuN'),
  metric('vitals-cpu', 'cpu.load', 'gauge', 'count', 'minutes: 1, 5, 15', 'load', 'loadavg'),
  metric(
    'vitals-cpu',
    'cpu.runnable',
    'gauge',
    'count',
    '',
    'running or waiting to run',
    'stat: procs_running',
  ),
  metric('vitals-cpu', 'cpu.blocked', 'gauge', 'count', '', 'blocked in I/O', 'stat: procs_blocked'),
  metric('vitals-cpu', 'cpu.switches', 'rate', 'per-second', '', 'context switches', 'stat: ctxt'),
  metric('vitals-cpu', 'cpu.interrupts', 'rate', 'per-second', '', 'interrupts', 'stat: intr'),
  metric(
    'vitals-cpu',
    'cpu.forks',
    'rate',
    'per-second',
    '',
    'processes and threads begun',
    'stat: processes',
  ),
  metric(
    'vitals-cpu',
    'cpu.thermal-throttles',
    'rate',
    'per-second',
    '',
    'thermal throttles',
    '/sys/devices/system/cpu/cpu*/thermal_throttle/core_throttle_count; absent where no driver counts',
  ),
];

const PRESSURE: readonly VitalMetric[] = [
  metric(
    'vitals-pressure',
    'pressure.some',
    'rate',
    'share',
    RESOURCE,
    'some threads stalled',
    'pressure/*: some total',
  ),
  metric(
    'vitals-pressure',
    'pressure.full',
    'rate',
    'share',
    RESOURCE,
    'all threads stalled',
    'pressure/*: full total',
  ),
];

const MEMORY: readonly VitalMetric[] = [
  metric(
    'vitals-memory',
    'memory.use',
    'gauge',
    'bytes',
    'use: anonymous, shared, page cache, buffers, slab, kernel, huge pages, other, free',
    'memory',
    'meminfo',
  ),
  metric('vitals-memory', 'memory.total', 'gauge', 'bytes', '', 'total', 'meminfo: MemTotal'),
  metric('vitals-memory', 'memory.available', 'gauge', 'bytes', '', 'available', 'meminfo: MemAvailable'),
  metric(
    'vitals-memory',
    'memory.write-back',
    'gauge',
    'bytes',
    'dirty, being written',
    'not yet on disk',
    'meminfo: Dirty, Writeback',
  ),
  metric(
    'vitals-memory',
    'memory.faults',
    'rate',
    'per-second',
    'minor, major',
    'page faults',
    'vmstat: pgfault, pgmajfault',
  ),
  metric(
    'vitals-memory',
    'memory.reclaim',
    'rate',
    'bytes-per-second',
    'by kswapd, direct',
    'reclaimed',
    'vmstat: pgsteal_kswapd, pgsteal_direct',
  ),
  metric(
    'vitals-memory',
    'memory.stalls',
    'rate',
    'per-second',
    '',
    'allocations that had to reclaim',
    'vmstat: allocstall_*',
  ),
  metric(
    'vitals-memory',
    'memory.refaults',
    'rate',
    'bytes-per-second',
    'anonymous, file',
    'read again soon after reclaim',
    'vmstat: workingset_refault_*',
  ),
  metric(
    'vitals-memory',
    'memory.oom-kills',
    'rate',
    'per-second',
    '',
    'killed for memory',
    'vmstat: oom_kill',
  ),
  metric('vitals-memory', 'swap.use', 'gauge', 'bytes', 'used, free', 'swap', 'meminfo: SwapTotal, SwapFree'),
  metric(
    'vitals-memory',
    'swap.traffic',
    'rate',
    'bytes-per-second',
    'in, out',
    'swapped',
    'vmstat: pswpin, pswpout',
  ),
  metric(
    'vitals-memory',
    'memory.ecc-errors',
    'gauge',
    'count',
    'corrected, uncorrected',
    'bit errors since boot',
    '/sys/devices/system/edac/mc/mc*/{ce,ue}_count; absent where no driver counts',
  ),
];

const DISKS: readonly VitalMetric[] = [
  metric('vitals-disk', 'disk.reads', 'rate', 'per-second', DISK, 'reads', 'diskstats: field 1'),
  metric('vitals-disk', 'disk.writes', 'rate', 'per-second', DISK, 'writes', 'diskstats: field 5'),
  metric('vitals-disk', 'disk.discards', 'rate', 'per-second', DISK, 'discards', 'diskstats: field 12'),
  metric('vitals-disk', 'disk.flushes', 'rate', 'per-second', DISK, 'flushes', 'diskstats: field 16'),
  metric(
    'vitals-disk',
    'disk.read.bytes',
    'rate',
    'bytes-per-second',
    DISK,
    'read',
    'diskstats: field 3 × 512',
  ),
  metric(
    'vitals-disk',
    'disk.write.bytes',
    'rate',
    'bytes-per-second',
    DISK,
    'written',
    'diskstats: field 7 × 512',
  ),
  metric(
    'vitals-disk',
    'disk.discard.bytes',
    'rate',
    'bytes-per-second',
    DISK,
    'discarded',
    'diskstats: field 14 × 512',
  ),
  metric(
    'vitals-disk',
    'disk.read.latency',
    'rate',
    'ns',
    DISK,
    'mean read',
    'diskstats: field 4 ÷ field 1; absent where nothing was read',
  ),
  metric(
    'vitals-disk',
    'disk.write.latency',
    'rate',
    'ns',
    DISK,
    'mean write',
    'diskstats: field 8 ÷ field 5; absent where nothing was written',
  ),
  metric(
    'vitals-disk',
    'disk.flush.latency',
    'rate',
    'ns',
    DISK,
    'mean flush',
    'diskstats: field 17 ÷ field 16; absent where nothing was flushed',
  ),
  metric('vitals-disk', 'disk.utilisation', 'rate', 'share', DISK, 'busy', 'diskstats: field 10'),
  metric('vitals-disk', 'disk.queue', 'rate', 'count', DISK, 'mean in flight', 'diskstats: field 11'),
  metric(
    'vitals-disk',
    'disk.errors',
    'rate',
    'per-second',
    'disk or partition, and who counts: ext4, scsi',
    'new errors',
    '/sys/fs/ext4/*/errors_count, /sys/block/*/device/ioerr_cnt',
  ),
  metric(
    'vitals-disk',
    'disk.errors.total',
    'gauge',
    'count',
    'disk or partition, and who counts: ext4, scsi',
    'errors on record',
    '/sys/fs/ext4/*/errors_count, /sys/block/*/device/ioerr_cnt',
  ),
];

const NETWORK: readonly VitalMetric[] = [
  metric('vitals-network', 'net.receive.bytes', 'rate', 'bytes-per-second', INTERFACE, 'received', 'net/dev'),
  metric('vitals-network', 'net.send.bytes', 'rate', 'bytes-per-second', INTERFACE, 'sent', 'net/dev'),
  metric('vitals-network', 'net.receive.packets', 'rate', 'per-second', INTERFACE, 'received', 'net/dev'),
  metric('vitals-network', 'net.send.packets', 'rate', 'per-second', INTERFACE, 'sent', 'net/dev'),
  metric(
    'vitals-network',
    'net.receive.drops',
    'rate',
    'per-second',
    INTERFACE,
    'dropped receiving',
    'net/dev',
  ),
  metric('vitals-network', 'net.send.drops', 'rate', 'per-second', INTERFACE, 'dropped sending', 'net/dev'),
  metric(
    'vitals-network',
    'net.receive.errors',
    'rate',
    'per-second',
    INTERFACE,
    'receive errors',
    'net/dev',
  ),
  metric('vitals-network', 'net.send.errors', 'rate', 'per-second', INTERFACE, 'send errors', 'net/dev'),
  metric(
    'vitals-network',
    'net.utilisation',
    'rate',
    'share',
    'interface whose speed is known',
    'of its speed',
    'net/dev, /sys/class/net/*/speed: the busier direction',
  ),
  metric(
    'vitals-network',
    'net.backlog',
    'rate',
    'per-second',
    'dropped, squeezed',
    'receive backlog',
    'net/softnet_stat: columns 2 and 3, all CPUs',
  ),
  metric(
    'vitals-network',
    'tcp.segments',
    'rate',
    'per-second',
    'received, sent',
    'segments',
    'net/snmp: InSegs, OutSegs',
  ),
  metric(
    'vitals-network',
    'tcp.retransmits',
    'rate',
    'per-second',
    '',
    'segments sent again',
    'net/snmp: RetransSegs',
  ),
  metric(
    'vitals-network',
    'tcp.retransmit-share',
    'rate',
    'share',
    '',
    'of segments sent',
    'net/snmp: RetransSegs ÷ (OutSegs + RetransSegs); absent where nothing was sent',
  ),
  metric(
    'vitals-network',
    'tcp.connections',
    'rate',
    'per-second',
    'opened, accepted, failed, reset',
    'connections',
    'net/snmp: ActiveOpens, PassiveOpens, AttemptFails, EstabResets',
  ),
  metric(
    'vitals-network',
    'tcp.trouble',
    'rate',
    'per-second',
    'timeouts, listen overflows, listen drops, bad segments, resets sent',
    'trouble',
    'net/netstat: TCPTimeouts, ListenOverflows, ListenDrops; net/snmp: InErrs, OutRsts',
  ),
  metric(
    'vitals-network',
    'tcp.states',
    'gauge',
    'count',
    'state: established, syn sent, …, time wait, listen',
    'sockets',
    'net/tcp, net/tcp6; time wait: net/sockstat',
  ),
  metric(
    'vitals-network',
    'tcp.sockets',
    'gauge',
    'count',
    'in use, orphaned, time wait, established',
    'sockets',
    'net/sockstat, net/sockstat6; net/snmp: CurrEstab (close wait counts as established)',
  ),
  metric(
    'vitals-network',
    'udp.datagrams',
    'rate',
    'per-second',
    'received, sent',
    'datagrams',
    'net/snmp, net/snmp6',
  ),
  metric(
    'vitals-network',
    'udp.trouble',
    'rate',
    'per-second',
    'no port, bad, receive buffer full, send buffer full',
    'trouble',
    'net/snmp, net/snmp6',
  ),
];

const CONTAINERS: readonly VitalMetric[] = [
  metric(
    'vitals-containers',
    'container.cpu',
    'rate',
    'cpus',
    CONTAINER,
    'CPU',
    'v2 cpu.stat: usage_usec; v1 cpuacct.usage',
  ),
  metric(
    'vitals-containers',
    'container.cpu.limit',
    'gauge',
    'cpus',
    CONTAINER,
    'CPU limit',
    'v2 cpu.max; v1 cpu.cfs_quota_us ÷ cpu.cfs_period_us; absent without a limit',
  ),
  metric(
    'vitals-containers',
    'container.throttled.time',
    'rate',
    'cpus',
    CONTAINER,
    'throttled',
    'cpu.stat: throttled_usec or throttled_time, summed over CPUs',
  ),
  metric(
    'vitals-containers',
    'container.throttled.periods',
    'rate',
    'share',
    CONTAINER,
    'periods throttled',
    'cpu.stat: nr_throttled ÷ nr_periods; absent where no period passed',
  ),
  metric(
    'vitals-containers',
    'container.memory',
    'gauge',
    'bytes',
    CONTAINER,
    'memory',
    'v2 memory.current; v1 memory.usage_in_bytes',
  ),
  metric(
    'vitals-containers',
    'container.memory.limit',
    'gauge',
    'bytes',
    CONTAINER,
    'memory limit',
    'v2 memory.max; v1 memory.limit_in_bytes; own or of the tightest around it; absent without a limit',
  ),
  metric(
    'vitals-containers',
    'container.memory.headroom',
    'gauge',
    'bytes',
    CONTAINER,
    'memory headroom',
    'limit − (memory − inactive_file of memory.stat); absent without a limit',
  ),
  metric(
    'vitals-containers',
    'container.oom-kills',
    'rate',
    'per-second',
    CONTAINER,
    'killed for memory',
    'v2 memory.events: oom_kill; v1 memory.oom_control: oom_kill',
  ),
  metric(
    'vitals-containers',
    'container.reads',
    'rate',
    'per-second',
    CONTAINER,
    'reads',
    'v2 io.stat: rios; v1 blkio.throttle.io_serviced',
  ),
  metric(
    'vitals-containers',
    'container.writes',
    'rate',
    'per-second',
    CONTAINER,
    'writes',
    'v2 io.stat: wios; v1 blkio.throttle.io_serviced',
  ),
  metric(
    'vitals-containers',
    'container.read.bytes',
    'rate',
    'bytes-per-second',
    CONTAINER,
    'read',
    'v2 io.stat: rbytes; v1 blkio.throttle.io_service_bytes',
  ),
  metric(
    'vitals-containers',
    'container.write.bytes',
    'rate',
    'bytes-per-second',
    CONTAINER,
    'written',
    'v2 io.stat: wbytes; v1 blkio.throttle.io_service_bytes',
  ),
];

export const VITAL_METRICS: readonly VitalMetric[] = [
  ...CPU,
  ...PRESSURE,
  ...MEMORY,
  ...DISKS,
  ...NETWORK,
  ...CONTAINERS,
];

const BY_NAME = new Map(VITAL_METRICS.map((each) => [each.name, each]));

export function findVitalMetric(name: string): VitalMetric | undefined {
  return BY_NAME.get(name);
}
