/**
 * Owns which latency heatmaps there are: their names on the command line and in URLs, what they count, and the probe that
 * counts it. Order is that of lists; LATENCY_PROBES is also the wire's: never renumber, only append.
 */

/** What an agent attaches to count lengths in the kernel. `lengths` is part of the scheduler probe. */
export const LATENCY_PROBES = ['lengths', 'block', 'ext4', 'syscalls', 'tcp', 'dns', 'futex'] as const;
export type LatencyProbe = (typeof LATENCY_PROBES)[number];

export const HEATMAP_NAMES = [
  'offcpu',
  'wakelat',
  'runqlat',
  'biolatency',
  'ext4dist',
  'syscalls',
  'tcpconnect',
  'dns',
  'futex',
] as const;
export type HeatmapName = (typeof HEATMAP_NAMES)[number];

export interface HeatmapKind {
  name: HeatmapName;
  /** A few words, as a heading. */
  title: string;
  /** What one count is, in a sentence. */
  help: string;
  probe: LatencyProbe;
  /** Of the probe's operations, those that it counts; absent: all. */
  operations?: readonly string[];
  /** What an operation, and a target, is called; '' where there are no targets. */
  operationWord: string;
  targetWord: string;
}

export const HEATMAPS: readonly HeatmapKind[] = [
  {
    name: 'offcpu',
    title: 'Blocked',
    help: 'How long threads were blocked: from leaving a CPU to sleep until they were woken.',
    probe: 'lengths',
    operations: ['blocked'],
    operationWord: 'kind',
    targetWord: '',
  },
  {
    name: 'wakelat',
    title: 'Run queue after a wake',
    help: 'How long threads that had been woken waited for a CPU.',
    probe: 'lengths',
    operations: ['runq'],
    operationWord: 'kind',
    targetWord: '',
  },
  {
    name: 'runqlat',
    title: 'Run queue',
    help: 'How long threads waited for a CPU, after a wake or after they had been preempted: what runqlat counts.',
    probe: 'lengths',
    operations: ['runq', 'preempted'],
    operationWord: 'kind',
    targetWord: '',
  },
  {
    name: 'biolatency',
    title: 'Block I/O',
    help: 'How long disks took for requests: from issue to completion.',
    probe: 'block',
    operationWord: 'operation',
    targetWord: 'disk',
  },
  {
    name: 'ext4dist',
    title: 'ext4',
    help: 'How long operations on ext4 files took. Reads, writes and opens are seen as system calls: mmap and io_uring are not.',
    probe: 'ext4',
    operationWord: 'operation',
    targetWord: 'device',
  },
  {
    name: 'syscalls',
    title: 'System calls',
    help: 'How long system calls took, by name.',
    probe: 'syscalls',
    operationWord: 'system call',
    targetWord: '',
  },
  {
    name: 'tcpconnect',
    title: 'TCP connect',
    help: 'How long TCP connections took to be made, or to fail, by outcome.',
    probe: 'tcp',
    operationWord: 'outcome',
    targetWord: 'protocol',
  },
  {
    name: 'dns',
    title: 'DNS',
    help: 'How long getaddrinfo, gethostbyname and gethostbyname2 of the C libraries in use took.',
    probe: 'dns',
    operationWord: 'function',
    targetWord: '',
  },
  {
    name: 'futex',
    title: 'Futex waits',
    help: 'How long threads were in a futex system call that waits.',
    probe: 'futex',
    operationWord: 'operation',
    targetWord: '',
  },
];

export function heatmapOf(name: HeatmapName): HeatmapKind {
  return HEATMAPS.find((kind) => kind.name === name)!;
}

export function isHeatmapName(text: string): text is HeatmapName {
  return (HEATMAP_NAMES as readonly string[]).includes(text);
}

/** Index of a probe's operations that a heatmap counts. */
export function countsOperation({ operations }: HeatmapKind, operation: string): boolean {
  return operations === undefined || operations.includes(operation);
}
