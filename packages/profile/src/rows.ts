/**
 * Owns making the columns of a window: empty tables and appending one entry to all columns at once, so that no
 * column can be forgotten.
 *
 *     const window = emptyWindow({ sequence: 3 });
 *     appendRow(window.rows, { tgid: 10, tid: 11, comm, ..., estimatedNs: 5_000 });
 */
import type {
  Histograms,
  Latencies,
  OpenWaits,
  Probes,
  Processes,
  ProfileWindow,
  Rows,
  Threads,
  Vitals,
} from './window.js';

/** One entry of a table of columns: the same names, single numbers. */
export type ColumnValues<Table> = { [Column in keyof Table]: number };

/** Entries that say nothing of `Column` have 0 there. */
type WithZeroed<Values, Column extends keyof Values> = Omit<Values, Column> & Partial<Pick<Values, Column>>;

export type RowValues = WithZeroed<ColumnValues<Rows>, 'slice' | 'quarter'>;
export type ThreadValues = WithZeroed<
  ColumnValues<Threads>,
  'blockedInWindowNs' | 'runqInWindowNs' | 'preemptedInWindowNs' | 'onCpuInWindowNs'
>;
export type HistogramValues = ColumnValues<Histograms>;
export type OpenWaitValues = ColumnValues<OpenWaits>;
export type ProcessValues = WithZeroed<ColumnValues<Processes>, Exclude<keyof Processes, 'tgid' | 'name'>>;

export function emptyRows(): Rows {
  return {
    tgid: [],
    tid: [],
    comm: [],
    cgroup: [],
    kind: [],
    state: [],
    userStack: [],
    kernelStack: [],
    chain: [],
    bucket: [],
    quarter: [],
    slice: [],
    captures: [],
    estimatedCount: [],
    estimatedNs: [],
    varianceNs2: [],
  };
}

export function rowCount(rows: Rows): number {
  return rows.tgid.length;
}

export function appendRow(rows: Rows, values: RowValues): void {
  rows.tgid.push(values.tgid);
  rows.tid.push(values.tid);
  rows.comm.push(values.comm);
  rows.cgroup.push(values.cgroup);
  rows.kind.push(values.kind);
  rows.state.push(values.state);
  rows.userStack.push(values.userStack);
  rows.kernelStack.push(values.kernelStack);
  rows.chain.push(values.chain);
  rows.bucket.push(values.bucket);
  rows.quarter.push(values.quarter ?? 0);
  rows.slice.push(values.slice ?? 0);
  rows.captures.push(values.captures);
  rows.estimatedCount.push(values.estimatedCount);
  rows.estimatedNs.push(values.estimatedNs);
  rows.varianceNs2.push(values.varianceNs2);
}

export function emptyThreads(): Threads {
  return {
    tgid: [],
    tid: [],
    comm: [],
    blockedNs: [],
    runqNs: [],
    preemptedNs: [],
    onCpuNs: [],
    blockedCount: [],
    runqCount: [],
    preemptedCount: [],
    blockedInWindowNs: [],
    runqInWindowNs: [],
    preemptedInWindowNs: [],
    onCpuInWindowNs: [],
  };
}

export function appendThread(threads: Threads, values: ThreadValues): void {
  threads.tgid.push(values.tgid);
  threads.tid.push(values.tid);
  threads.comm.push(values.comm);
  threads.blockedNs.push(values.blockedNs);
  threads.runqNs.push(values.runqNs);
  threads.preemptedNs.push(values.preemptedNs);
  threads.onCpuNs.push(values.onCpuNs);
  threads.blockedCount.push(values.blockedCount);
  threads.runqCount.push(values.runqCount);
  threads.preemptedCount.push(values.preemptedCount);
  threads.blockedInWindowNs.push(values.blockedInWindowNs ?? 0);
  threads.runqInWindowNs.push(values.runqInWindowNs ?? 0);
  threads.preemptedInWindowNs.push(values.preemptedInWindowNs ?? 0);
  threads.onCpuInWindowNs.push(values.onCpuInWindowNs ?? 0);
}

export function emptyHistograms(): Histograms {
  return { tgid: [], kind: [], bucket: [], count: [] };
}

export function appendHistogram(histograms: Histograms, values: HistogramValues): void {
  histograms.tgid.push(values.tgid);
  histograms.kind.push(values.kind);
  histograms.bucket.push(values.bucket);
  histograms.count.push(values.count);
}

export function emptyOpenWaits(): OpenWaits {
  return {
    tgid: [],
    tid: [],
    comm: [],
    kind: [],
    state: [],
    elapsedNs: [],
    sinceBeforeTracing: [],
    userStack: [],
    kernelStack: [],
  };
}

export function appendOpenWait(openWaits: OpenWaits, values: OpenWaitValues): void {
  openWaits.tgid.push(values.tgid);
  openWaits.tid.push(values.tid);
  openWaits.comm.push(values.comm);
  openWaits.kind.push(values.kind);
  openWaits.state.push(values.state);
  openWaits.elapsedNs.push(values.elapsedNs);
  openWaits.sinceBeforeTracing.push(values.sinceBeforeTracing);
  openWaits.userStack.push(values.userStack);
  openWaits.kernelStack.push(values.kernelStack);
}

/** The columns of processes that are ids of strings. */
export const PROCESS_STRINGS = [
  'name',
  'user',
  'command',
  'cgroupPath',
  'container',
  'runtime',
  'pod',
  'unit',
  'hint',
] as const satisfies readonly (keyof Processes)[];

export function emptyProcesses(): Processes {
  return {
    tgid: [],
    name: [],
    parentTgid: [],
    uid: [],
    user: [],
    command: [],
    cgroupPath: [],
    container: [],
    runtime: [],
    pod: [],
    unit: [],
    hint: [],
  };
}

export function appendProcess(processes: Processes, values: ProcessValues): void {
  processes.tgid.push(values.tgid);
  processes.name.push(values.name);
  processes.parentTgid.push(values.parentTgid ?? 0);
  processes.uid.push(values.uid ?? 0);
  processes.user.push(values.user ?? 0);
  processes.command.push(values.command ?? 0);
  processes.cgroupPath.push(values.cgroupPath ?? 0);
  processes.container.push(values.container ?? 0);
  processes.runtime.push(values.runtime ?? 0);
  processes.pod.push(values.pod ?? 0);
  processes.unit.push(values.unit ?? 0);
  processes.hint.push(values.hint ?? 0);
}

/** A table of these processes. */
export function toProcesses(values: readonly ProcessValues[]): Processes {
  const processes = emptyProcesses();
  for (const process of values) appendProcess(processes, process);
  return processes;
}

export type LatencyValues = ColumnValues<Latencies>;
export type VitalValues = ColumnValues<Vitals>;
export type ProbeValues = WithZeroed<ColumnValues<Probes>, 'isMeasured' | 'runNs' | 'runCount'>;

export function emptyLatencies(): Latencies {
  return { probe: [], tgid: [], tid: [], operation: [], target: [], bucket: [], count: [] };
}

export function appendLatency(latencies: Latencies, values: LatencyValues): void {
  latencies.probe.push(values.probe);
  latencies.tgid.push(values.tgid);
  latencies.tid.push(values.tid);
  latencies.operation.push(values.operation);
  latencies.target.push(values.target);
  latencies.bucket.push(values.bucket);
  latencies.count.push(values.count);
}

export function emptyVitals(): Vitals {
  return { metric: [], label: [], value: [] };
}

export function appendVital(vitals: Vitals, values: VitalValues): void {
  vitals.metric.push(values.metric);
  vitals.label.push(values.label);
  vitals.value.push(values.value);
}

export function emptyProbes(): Probes {
  return { name: [], state: [], detail: [], isMeasured: [], runNs: [], runCount: [] };
}

export function appendProbe(probes: Probes, values: ProbeValues): void {
  probes.name.push(values.name);
  probes.state.push(values.state);
  probes.detail.push(values.detail);
  probes.isMeasured.push(values.isMeasured ?? 0);
  probes.runNs.push(values.runNs ?? 0);
  probes.runCount.push(values.runCount ?? 0);
}

/** A window that measured nothing, with what is given in its place. */
export function emptyWindow(partial: Partial<ProfileWindow> = {}): ProfileWindow {
  return {
    sequence: 0,
    startMs: 0,
    endMs: 1000,
    tauNs: 0,
    governed: false,
    rows: emptyRows(),
    threads: emptyThreads(),
    histograms: emptyHistograms(),
    openWaits: emptyOpenWaits(),
    processes: emptyProcesses(),
    losses: {},
    agentCpuNs: 0,
    agentRssBytes: 0,
    cpuPeriodNs: 0,
    lengthsAreFine: false,
    latencies: emptyLatencies(),
    vitals: emptyVitals(),
    probes: emptyProbes(),
    ...partial,
  };
}
