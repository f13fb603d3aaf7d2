/**
 * Owns which charts of vitals there are: what a panel draws when its argument is a chart's name. Names are in URLs and in
 * saved dashboards: append, never rename.
 *
 *     'cpu-states'   stacked, share of all CPUs, one area a state, idle left out
 *
 * A series is one metric and one label. A chart of several metrics names a series by its metric's title where it has no
 * label, by label and title where it has one (`vda read`), by the label alone in a chart of one metric.
 */
import type { VitalGroup } from './groups.js';
import { findVitalMetric, type VitalMetric, type VitalUnit } from './metrics.js';

export const VITAL_CHART_TOPICS = ['cpu', 'pressure', 'memory', 'disk', 'network', 'containers'] as const;
export type VitalChartTopic = (typeof VITAL_CHART_TOPICS)[number];

export interface VitalChart {
  readonly name: string;
  readonly topic: VitalChartTopic;
  readonly title: string;
  readonly unit: VitalUnit;
  readonly shape: 'stacked' | 'lines';
  /** Names of metrics, in the order of their legend; all of one group and of the chart's unit. */
  readonly metrics: readonly string[];
  /** Labels drawn, in their order from the bottom; absent: all, in the order of names. */
  readonly labels?: readonly string[];
  /** Where the scale ends at the least, in the chart's unit: 1 of a share that is whole at 1. Absent: by the data. */
  readonly atLeast?: number;
  /** One sentence: what is drawn, and what to read from it. */
  readonly help: string;
}

/** Order of the areas of CPU time, from the bottom; idle is what is left. */
export const DRAWN_CPU_STATES = ['user', 'nice', 'system', 'irq', 'softirq', 'steal', 'iowait'] as const;
/** Of memory in use, from the bottom; free is what is left. */
export const DRAWN_MEMORY_USES = [
  'anonymous',
  'shared',
  'kernel',
  'slab',
  'huge pages',
  'other',
  'page cache',
  'buffers',
  'free',
] as const;

export const VITAL_CHARTS: readonly VitalChart[] = [
  {
    name: 'cpu-states',
    topic: 'cpu',
    title: 'CPU by state',
    unit: 'share',
    shape: 'stacked',
    metrics: ['cpu.state'],
    labels: DRAWN_CPU_STATES,
    atLeast: 1,
    help: 'What all CPUs did, as a share of their time; what is left to 100 % was idle, and iowait is idle too, with I/O waited for.',
  },
  {
    name: 'cpu-busy',
    topic: 'cpu',
    title: 'CPU by CPU',
    unit: 'share',
    shape: 'lines',
    metrics: ['cpu.busy'],
    atLeast: 1,
    help: 'How busy each CPU was; one at 100 % beside idle ones is a single thread or an interrupt that nothing shares.',
  },
  {
    name: 'load',
    topic: 'cpu',
    title: 'Load average',
    unit: 'count',
    shape: 'lines',
    metrics: ['cpu.load'],
    labels: ['1', '5', '15'],
    help: 'Threads that ran, waited for a CPU or slept uninterruptibly, damped over 1, 5 and 15 minutes; it lags, pressure does not.',
  },
  {
    name: 'run-queue',
    topic: 'cpu',
    title: 'Run queue',
    unit: 'count',
    shape: 'lines',
    metrics: ['cpu.runnable', 'cpu.blocked', 'cpu.online'],
    help: 'Threads running or waiting to run at the instant of each reading, the reader among them, and those blocked in I/O; above the number of CPUs they queue.',
  },
  {
    name: 'context-switches',
    topic: 'cpu',
    title: 'Context switches',
    unit: 'per-second',
    shape: 'lines',
    metrics: ['cpu.switches', 'cpu.interrupts', 'cpu.forks'],
    help: 'How often CPUs changed threads, took interrupts, and how many processes and threads began, a second.',
  },
  {
    name: 'cpu-throttles',
    topic: 'cpu',
    title: 'Thermal throttling',
    unit: 'per-second',
    shape: 'lines',
    metrics: ['cpu.thermal-throttles'],
    help: 'How often CPUs were slowed because they came to their thermal limit, where a driver counts it.',
  },
  {
    name: 'pressure-cpu',
    topic: 'pressure',
    title: 'Pressure: CPU',
    unit: 'share',
    shape: 'lines',
    metrics: ['pressure.some'],
    labels: ['cpu'],
    help: 'Share of time in which at least one thread waited for a CPU; of a whole host the kernel defines no full pressure of CPU.',
  },
  {
    name: 'pressure-memory',
    topic: 'pressure',
    title: 'Pressure: memory',
    unit: 'share',
    shape: 'lines',
    metrics: ['pressure.some', 'pressure.full'],
    labels: ['memory'],
    help: 'Share of time in which some, or all non-idle, threads stalled for memory: reclaim, refaults, swapping in.',
  },
  {
    name: 'pressure-io',
    topic: 'pressure',
    title: 'Pressure: I/O',
    unit: 'share',
    shape: 'lines',
    metrics: ['pressure.some', 'pressure.full'],
    labels: ['io'],
    help: 'Share of time in which some, or all non-idle, threads stalled for I/O.',
  },
  {
    name: 'pressure-irq',
    topic: 'pressure',
    title: 'Pressure: interrupts',
    unit: 'share',
    shape: 'lines',
    metrics: ['pressure.full'],
    labels: ['irq'],
    help: 'Share of time in which interrupts kept threads from running, where the kernel accounts it (6.1 and later, by its configuration).',
  },
  {
    name: 'memory-use',
    topic: 'memory',
    title: 'Memory by use',
    unit: 'bytes',
    shape: 'stacked',
    metrics: ['memory.use'],
    labels: DRAWN_MEMORY_USES,
    help: 'What memory holds; page cache and buffers are mostly given back on demand, anonymous and shared memory are not.',
  },
  {
    name: 'memory-available',
    topic: 'memory',
    title: 'Memory available',
    unit: 'bytes',
    shape: 'lines',
    metrics: ['memory.available', 'memory.total'],
    help: "The kernel's own estimate of what can be had without swapping, beside all there is.",
  },
  {
    name: 'write-back',
    topic: 'memory',
    title: 'Not yet on disk',
    unit: 'bytes',
    shape: 'stacked',
    metrics: ['memory.write-back'],
    labels: ['dirty', 'being written'],
    help: 'Page cache that was changed and is not on its disk; writers are held back when it nears the limit of vm.dirty_ratio.',
  },
  {
    name: 'page-faults',
    topic: 'memory',
    title: 'Page faults',
    unit: 'per-second',
    shape: 'lines',
    metrics: ['memory.faults'],
    labels: ['minor', 'major'],
    help: 'Minor faults found their page in memory or made it; major ones waited for it to be read.',
  },
  {
    name: 'reclaim',
    topic: 'memory',
    title: 'Reclaim and refaults',
    unit: 'bytes-per-second',
    shape: 'lines',
    metrics: ['memory.reclaim', 'memory.refaults'],
    help: 'Memory taken back by kswapd in the background or directly by who allocates, and what was needed again soon after; both high is thrashing.',
  },
  {
    name: 'swap-use',
    topic: 'memory',
    title: 'Swap',
    unit: 'bytes',
    shape: 'stacked',
    metrics: ['swap.use'],
    labels: ['used', 'free'],
    help: 'How much of swap is taken; that it is taken does no harm, traffic does.',
  },
  {
    name: 'swap-traffic',
    topic: 'memory',
    title: 'Swapping',
    unit: 'bytes-per-second',
    shape: 'lines',
    metrics: ['swap.traffic'],
    labels: ['in', 'out'],
    help: 'Memory written to swap and read back; each page read back is a thread that waited for it.',
  },
  {
    name: 'memory-ecc',
    topic: 'memory',
    title: 'Memory bit errors',
    unit: 'count',
    shape: 'lines',
    metrics: ['memory.ecc-errors'],
    labels: ['corrected', 'uncorrected'],
    help: 'Errors of the memory modules since boot, where the memory controller has a driver that counts them.',
  },
  {
    name: 'disk-iops',
    topic: 'disk',
    title: 'Disk operations',
    unit: 'per-second',
    shape: 'lines',
    metrics: ['disk.reads', 'disk.writes', 'disk.flushes', 'disk.discards'],
    help: 'Operations that each disk completed a second, after merging; partitions are counted with their disk.',
  },
  {
    name: 'disk-throughput',
    topic: 'disk',
    title: 'Disk throughput',
    unit: 'bytes-per-second',
    shape: 'lines',
    metrics: ['disk.read.bytes', 'disk.write.bytes', 'disk.discard.bytes'],
    help: 'Bytes read from and written to each disk a second.',
  },
  {
    name: 'disk-latency',
    topic: 'disk',
    title: 'Disk latency',
    unit: 'ns',
    shape: 'lines',
    metrics: ['disk.read.latency', 'disk.write.latency', 'disk.flush.latency'],
    help: 'Mean time of an operation, queueing included; a mean hides the slow ones, the block I/O heatmap shows each.',
  },
  {
    name: 'disk-utilisation',
    topic: 'disk',
    title: 'Disk utilisation',
    unit: 'share',
    shape: 'lines',
    metrics: ['disk.utilisation'],
    atLeast: 1,
    help: 'Share of time in which a disk had anything in flight; disks that serve many at once may take more at 100 %, so read the queue beside it.',
  },
  {
    name: 'disk-queue',
    topic: 'disk',
    title: 'Disk queue',
    unit: 'count',
    shape: 'lines',
    metrics: ['disk.queue'],
    help: 'Operations in flight or queued at a disk, mean over the time between readings.',
  },
  {
    name: 'disk-errors',
    topic: 'disk',
    title: 'Disk errors',
    unit: 'count',
    shape: 'lines',
    metrics: ['disk.errors.total'],
    help: 'Errors that ext4 has on record in a filesystem, and that SCSI disks have counted; other disks keep no count in a file.',
  },
  {
    name: 'net-throughput',
    topic: 'network',
    title: 'Network throughput',
    unit: 'bytes-per-second',
    shape: 'lines',
    metrics: ['net.receive.bytes', 'net.send.bytes'],
    help: "Bytes received and sent by each interface of the agent's network namespace; what containers send passes the host's interfaces too.",
  },
  {
    name: 'net-packets',
    topic: 'network',
    title: 'Packets',
    unit: 'per-second',
    shape: 'lines',
    metrics: ['net.receive.packets', 'net.send.packets'],
    help: 'Packets received and sent by each interface; several segments that were joined on the way count once.',
  },
  {
    name: 'net-utilisation',
    topic: 'network',
    title: 'Network utilisation',
    unit: 'share',
    shape: 'lines',
    metrics: ['net.utilisation'],
    atLeast: 1,
    help: 'The busier direction of each interface as a share of its speed, for those that say what their speed is.',
  },
  {
    name: 'net-drops',
    topic: 'network',
    title: 'Drops and errors',
    unit: 'per-second',
    shape: 'lines',
    metrics: ['net.receive.drops', 'net.send.drops', 'net.receive.errors', 'net.send.errors', 'net.backlog'],
    help: 'Packets that an interface dropped or found bad; the backlog drops them where a CPU cannot keep up, and is squeezed where it ran out of its turn.',
  },
  {
    name: 'tcp-retransmits',
    topic: 'network',
    title: 'TCP retransmits',
    unit: 'per-second',
    shape: 'lines',
    metrics: ['tcp.retransmits'],
    help: 'Segments sent again, of all connections: lost on the way, or answered too late.',
  },
  {
    name: 'tcp-retransmit-share',
    topic: 'network',
    title: 'TCP retransmits of what was sent',
    unit: 'share',
    shape: 'lines',
    metrics: ['tcp.retransmit-share'],
    help: 'Segments sent again as a share of segments sent; from about 1 % on connections slow down.',
  },
  {
    name: 'tcp-segments',
    topic: 'network',
    title: 'TCP segments',
    unit: 'per-second',
    shape: 'lines',
    metrics: ['tcp.segments'],
    labels: ['received', 'sent'],
    help: 'Segments received and sent, of all connections of the network namespace.',
  },
  {
    name: 'tcp-connections',
    topic: 'network',
    title: 'TCP connections made and lost',
    unit: 'per-second',
    shape: 'lines',
    metrics: ['tcp.connections'],
    labels: ['opened', 'accepted', 'failed', 'reset'],
    help: 'Connections opened from here, accepted here, that failed before they were established, and that were reset.',
  },
  {
    name: 'tcp-trouble',
    topic: 'network',
    title: 'TCP trouble',
    unit: 'per-second',
    shape: 'lines',
    metrics: ['tcp.trouble'],
    help: 'Retransmission timers that ran out, connections that found the queue of a listener full, bad segments, resets sent.',
  },
  {
    name: 'tcp-states',
    topic: 'network',
    title: 'TCP states',
    unit: 'count',
    shape: 'stacked',
    metrics: ['tcp.states'],
    help: 'Sockets by state; many in close wait are a program that does not close, many in syn sent a peer that does not answer.',
  },
  {
    name: 'tcp-sockets',
    topic: 'network',
    title: 'TCP sockets',
    unit: 'count',
    shape: 'lines',
    metrics: ['tcp.sockets'],
    labels: ['in use', 'established', 'time wait', 'orphaned'],
    help: 'Sockets in use, those established (close wait among them), in time wait, and orphaned: closed by their program, not yet by the peer.',
  },
  {
    name: 'udp',
    topic: 'network',
    title: 'UDP',
    unit: 'per-second',
    shape: 'lines',
    metrics: ['udp.datagrams', 'udp.trouble'],
    help: 'Datagrams received and sent, and those lost: nobody listened, they were bad, or a buffer was full.',
  },
  {
    name: 'container-cpu',
    topic: 'containers',
    title: 'Container CPU',
    unit: 'cpus',
    shape: 'lines',
    metrics: ['container.cpu'],
    help: 'CPUs that each container or systemd unit used: 1 is one CPU all the time; one inside another counts in both.',
  },
  {
    name: 'container-cpu-limit',
    topic: 'containers',
    title: 'Container CPU limits',
    unit: 'cpus',
    shape: 'lines',
    metrics: ['container.cpu.limit'],
    help: 'CPUs that a container may use, by its quota; one without a limit has no line.',
  },
  {
    name: 'container-throttling',
    topic: 'containers',
    title: 'Container throttling',
    unit: 'share',
    shape: 'lines',
    metrics: ['container.throttled.periods'],
    atLeast: 1,
    help: "Share of a container's periods (mostly of 100 ms) in which it used up its quota and was held back to the end of one.",
  },
  {
    name: 'container-throttled-time',
    topic: 'containers',
    title: 'Container throttled time',
    unit: 'cpus',
    shape: 'lines',
    metrics: ['container.throttled.time'],
    help: 'Seconds a second for which a container was held back with threads ready to run, summed over CPUs.',
  },
  {
    name: 'container-memory',
    topic: 'containers',
    title: 'Container memory',
    unit: 'bytes',
    shape: 'lines',
    metrics: ['container.memory'],
    help: 'Memory charged to each container or systemd unit, the page cache of its files included; one inside another counts in both.',
  },
  {
    name: 'container-memory-headroom',
    topic: 'containers',
    title: 'Container memory headroom',
    unit: 'bytes',
    shape: 'lines',
    metrics: ['container.memory.headroom'],
    help: 'What a container may still take before its limit, inactive page cache not counted as taken; at 0 its processes are killed.',
  },
  {
    name: 'container-memory-limit',
    topic: 'containers',
    title: 'Container memory limits',
    unit: 'bytes',
    shape: 'lines',
    metrics: ['container.memory.limit'],
    help: 'Memory that a container may take, its own limit or the tightest around it; one without a limit has no line.',
  },
  {
    name: 'container-iops',
    topic: 'containers',
    title: 'Container disk operations',
    unit: 'per-second',
    shape: 'lines',
    metrics: ['container.reads', 'container.writes'],
    help: 'Reads and writes that each container sent to disks; writes from the page cache count only where the kernel knows whose they are (cgroup v2).',
  },
  {
    name: 'container-io',
    topic: 'containers',
    title: 'Container disk throughput',
    unit: 'bytes-per-second',
    shape: 'lines',
    metrics: ['container.read.bytes', 'container.write.bytes'],
    help: 'Bytes that each container read from and wrote to disks; writes from the page cache count only where the kernel knows whose they are (cgroup v2).',
  },
  {
    name: 'container-oom-kills',
    topic: 'containers',
    title: 'Container kills for memory',
    unit: 'per-second',
    shape: 'lines',
    metrics: ['container.oom-kills'],
    help: 'Processes of a container that the kernel killed because its memory limit was reached.',
  },
];

const BY_NAME = new Map(VITAL_CHARTS.map((chart) => [chart.name, chart]));

export function findVitalChart(name: string): VitalChart | undefined {
  return BY_NAME.get(name);
}

/** The group that has to be collected for a chart. */
export function groupOfChart(chart: VitalChart): VitalGroup {
  return metricsOfChart(chart)[0]!.group;
}

export function metricsOfChart(chart: VitalChart): readonly VitalMetric[] {
  return chart.metrics.map((name) => findVitalMetric(name)!);
}

/** What the legend calls a series of a chart. */
export function seriesTitle(chart: VitalChart, metric: string, label: string): string {
  const title = findVitalMetric(metric)?.title ?? metric;
  if (label === '') return title;
  // Where only one label is drawn the chart's own title has said it.
  if (chart.metrics.length > 1 && chart.labels?.length === 1) return title;
  return chart.metrics.length === 1 ? label : `${label} ${title}`;
}
