/**
 * Owns the shape of one window: what an agent measured between two instants, in plain columns.
 * Invariant: every id in a window is valid in the `ProfileTables` it was made with; all columns of one table
 * have the same length. Numbers are exact integers below 2^53 except `estimatedCount` and `varianceNs2`.
 */

/** One entry per distinct row key of the window. `n` rows, each column `n` long. */
export interface Rows {
  tgid: number[];
  tid: number[];
  /** String id: the thread's name when the interval ended. */
  comm: number[];
  /** cgroup v2 id (the inode number of its directory); 0 when unknown. */
  cgroup: number[];
  /** Index into ROW_KINDS. */
  kind: number[];
  /** Index into STATES. */
  state: number[];
  userStack: number[];
  kernelStack: number[];
  /** Chain id or NONE; only blocked rows have one. */
  chain: number[];
  /** Octave of the interval's length, see `octaveFromNs` of packages/latency; 0 of an on-cpu row. */
  bucket: number[];
  /** The quarter of that octave, 0 to 3, where the window's `lengthsAreFine`; else 0. */
  quarter: number[];
  /** Of an on-cpu row, the slice of SLICE_MS wall clock it was sampled in, from that of the window's start; 0 of others. */
  slice: number[];
  /** Intervals whose stacks were captured; of an on-cpu row, samples. */
  captures: number[];
  /** Estimated number of intervals: sum of 1/p. */
  estimatedCount: number[];
  /** Estimated time: sum of d/p, ns. Exact when tauNs is 0. */
  estimatedNs: number[];
  /** Estimated variance of `estimatedNs`, ns²; 0 when exact. Adds over rows: intervals are selected independently. */
  varianceNs2: number[];
}

/** Exact counters of one thread over the window; they cost no stack and are the control of the rows. */
export interface Threads {
  tgid: number[];
  tid: number[];
  comm: number[];
  blockedNs: number[];
  runqNs: number[];
  preemptedNs: number[];
  onCpuNs: number[];
  blockedCount: number[];
  runqCount: number[];
  preemptedCount: number[];
  /**
   * Time of each kind within the window, waits that are open at one of its ends cut there: together the thread's life in
   * the window. The columns above are of intervals that ended in the window, whole.
   */
  blockedInWindowNs: number[];
  runqInWindowNs: number[];
  preemptedInWindowNs: number[];
  onCpuInWindowNs: number[];
}

/** Exact histograms by octave, sparse: only buckets that counted something. */
export interface Histograms {
  tgid: number[];
  /** Index into KINDS. */
  kind: number[];
  bucket: number[];
  count: number[];
}

/**
 * Threads that were off CPU at the end of the window, with where they wait: some for all of it, see `wholeWaits`, others
 * for less. Not part of any total of waits until they end.
 */
export interface OpenWaits {
  tgid: number[];
  tid: number[];
  comm: number[];
  /** Index into KINDS. */
  kind: number[];
  state: number[];
  /** Time so far, ns. When `sinceBeforeTracing` is 1 it is a lower bound: the time traced so far. */
  elapsedNs: number[];
  sinceBeforeTracing: number[];
  userStack: number[];
  kernelStack: number[];
}

/** The processes that the window mentions: names, and who they are. String ids are 0 ('') where it is not known. */
export interface Processes {
  tgid: number[];
  /** String id: the leader's thread name. */
  name: number[];
  /** 0 when not known. */
  parentTgid: number[];
  /** The effective user's number. */
  uid: number[];
  /** String id: that user's name on the host. */
  user: number[];
  /** String id: the command line, secrets left out of it. */
  command: number[];
  /** String id: path of its cgroup, from the root of the hierarchy. */
  cgroupPath: number[];
  /** String id: the container's id as its runtime writes it. */
  container: number[];
  /** String id: docker, containerd, cri-o, podman, … */
  runtime: number[];
  /** String id: the Kubernetes pod's uid, behind `namespace/name ` where that is known. */
  pod: number[];
  /** String id: the systemd unit. */
  unit: number[];
  /** String id: a code of HINTS, what would name its frames; '' when nothing is amiss. */
  hint: number[];
}

/**
 * Every place that can lose something, by its counter's name; counts are of this window, not running totals.
 * Appending is a protocol version; the page and the record command each say in words what one means.
 */
export const LOSSES = [
  'task-storage-refused',
  'row-map-full',
  'stack-map-full',
  'link-map-full',
  'chain-map-full',
  'exited-map-full',
  'stack-error',
  'stack-truncated',
  'wake-missed',
  'stack-unknown',
  'chain-unknown',
  'open-waits-cut',
  'program-recursion',
  'uplink-dropped',
  'hub-dropped',
  'browser-skipped',
  'switch-missed',
  'stack-paged-out',
  'cpu-row-map-full',
  'cpu-sample-lost',
  'process-events-lost',
  'symbol-refused',
  'latency-recursion',
  'block-counts-full',
  'block-start-missed',
  'block-in-flight-full',
  'block-end-missed',
  'ext4-counts-full',
  'ext4-start-missed',
  'ext4-in-flight-full',
  'ext4-end-missed',
  'syscalls-counts-full',
  'syscalls-start-missed',
  'syscalls-in-flight-full',
  'syscalls-end-missed',
  'futex-counts-full',
  'futex-start-missed',
  'futex-in-flight-full',
  'futex-end-missed',
  'tcp-counts-full',
  'tcp-in-flight-full',
  'tcp-end-missed',
  'dns-counts-full',
  'dns-return-missed',
  'dns-in-flight-full',
  'lengths-counts-full',
] as const;
export type Loss = (typeof LOSSES)[number];
export type LossCounts = Partial<Record<Loss, number>>;

/**
 * Exact histograms of lengths, by thread and operation; sparse: only buckets that counted something. Of the probes that
 * were asked for: which those were is in `Probes`.
 */
export interface Latencies {
  /** Index into LATENCY_PROBES of packages/latency. */
  probe: number[];
  tgid: number[];
  /** The thread whose operation it was. */
  tid: number[];
  /** String id: read, fsync, connected, getaddrinfo, …; of `lengths` a kind of wait. */
  operation: number[];
  /** String id: what it was done to, as a disk; '' where that is not told. */
  target: number[];
  /** 0 to 159, see `bucketFromNs` of packages/latency. */
  bucket: number[];
  count: number[];
}

/** What was read of the host's state, of the groups that were asked for. */
export interface Vitals {
  /** String id: a metric of packages/vitals. */
  metric: number[];
  /** String id: which CPU, disk, interface or container; '' of the host as a whole. */
  label: number[];
  /** Not negative, in the metric's unit: a rate is a second's, over the window. */
  value: number[];
}

/** What collected in the window, and what was asked for and could not. */
export interface Probes {
  /** String id: a probe, or a group of vitals. */
  name: number[];
  /** Index into PROBE_STATES. */
  state: number[];
  /** String id: why it was refused, or what its route does not see; '' when there is nothing to say. */
  detail: number[];
  /** 1: what it cost was measured, and is in the next two. */
  isMeasured: number[];
  /** Time in its programs in the window, ns, by the kernel's own statistics; of vitals the time of reading them. */
  runNs: number[];
  runCount: number[];
}

export interface ProfileWindow {
  /** Increases by one a window within one run of an agent; a gap is a lost window. */
  sequence: number;
  /** Wall clock at the window's two ends, ms since the epoch, with fractions. */
  startMs: number;
  endMs: number;
  /** Sampling threshold in force, ns; 0 is exact. */
  tauNs: number;
  /** True when the governor holds tau above what was asked for. */
  governed: boolean;
  rows: Rows;
  threads: Threads;
  histograms: Histograms;
  openWaits: OpenWaits;
  processes: Processes;
  losses: LossCounts;
  /** CPU time of the agent process in the window and its resident set: the cost of looking. */
  agentCpuNs: number;
  agentRssBytes: number;
  /** Time that one CPU sample stands for, ns; 0 when CPUs were not sampled. */
  cpuPeriodNs: number;
  /** Rows say the quarter of the octave, for all of the window. */
  lengthsAreFine: boolean;
  latencies: Latencies;
  vitals: Vitals;
  probes: Probes;
}
