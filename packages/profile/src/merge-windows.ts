/**
 * Owns making one window of neighbours: the same totals in fewer rows, for whoever cannot keep up with each of them.
 *
 *     [0 s, 1 s) a: 3 ms          [0 s, 2 s) a: 8 ms
 *     [1 s, 2 s) a: 5 ms, b: 1 ms            b: 1 ms
 *
 * Invariant: every total over rows, threads, histograms and losses is the sum over the windows given.
 */

import { ON_CPU, PROBE_STATES, SLICE_MS } from './kinds.js';
import {
  appendHistogram,
  appendLatency,
  appendProbe,
  appendRow,
  appendThread,
  appendVital,
  emptyHistograms,
  emptyLatencies,
  emptyProbes,
  emptyProcesses,
  emptyRows,
  emptyThreads,
  emptyVitals,
} from './rows.js';
import { TupleIndex } from './tuple-index.js';
import {
  type Histograms,
  type Latencies,
  LOSSES,
  type LossCounts,
  type Probes,
  type Processes,
  type ProfileWindow,
  type Rows,
  type Threads,
  type Vitals,
} from './window.js';

/**
 * Windows of one `ProfileTables`, oldest first, at least one. Sequence, open waits and the agent's memory are of the
 * newest; tau is the highest, as the coarsest of them bounds what was seen.
 */
export function mergeWindows(windows: readonly ProfileWindow[]): ProfileWindow {
  const first = windows[0];
  const last = windows.at(-1);
  if (first === undefined || last === undefined) {
    throw new RangeError('merge windows: none were given; ask only when there is one');
  }
  if (windows.length === 1) return first;
  return {
    sequence: last.sequence,
    startMs: first.startMs,
    endMs: last.endMs,
    tauNs: windows.reduce((highest, { tauNs }) => Math.max(highest, tauNs), 0),
    governed: windows.some(({ governed }) => governed),
    rows: mergeRows(windows),
    threads: mergeThreads(windows),
    histograms: mergeHistograms(windows),
    openWaits: last.openWaits,
    processes: mergeProcesses(windows),
    losses: sumLosses(windows.map(({ losses }) => losses)),
    agentCpuNs: windows.reduce((sum, { agentCpuNs }) => sum + agentCpuNs, 0),
    agentRssBytes: last.agentRssBytes,
    cpuPeriodNs: last.cpuPeriodNs,
    lengthsAreFine: windows.every(({ lengthsAreFine }) => lengthsAreFine),
    latencies: mergeLatencies(windows),
    vitals: meanVitals(windows),
    probes: mergeProbes(windows),
  };
}

/** A counter that none has stays absent. */
export function sumLosses(counts: readonly LossCounts[]): LossCounts {
  const sum: LossCounts = {};
  for (const loss of LOSSES) {
    for (const { [loss]: count } of counts) {
      if (count !== undefined) sum[loss] = (sum[loss] ?? 0) + count;
    }
  }
  return sum;
}

const ROW_KEY = [
  'tgid',
  'tid',
  'comm',
  'cgroup',
  'kind',
  'state',
  'userStack',
  'kernelStack',
  'chain',
  'bucket',
  'quarter',
  'slice',
] as const satisfies readonly (keyof Rows)[];

const SLICE_KEY = ROW_KEY.indexOf('slice');

/** The slice that a window's own are counted from. */
function sliceOf({ startMs }: ProfileWindow): number {
  return Math.floor(startMs / SLICE_MS);
}

/** The rows of windows of one `ProfileTables`, equal keys summed; slices are counted from the first window's. */
export function mergeRows(windows: readonly ProfileWindow[]): Rows {
  const merged = emptyRows();
  const index = new TupleIndex(ROW_KEY.length);
  const firstSlice = sliceOf(windows[0]!);
  for (const window of windows) {
    const { rows } = window;
    const slicesBefore = sliceOf(window) - firstSlice;
    for (let n = 0; n < rows.tgid.length; n++) {
      for (let column = 0; column < ROW_KEY.length; column++) {
        index.probe[column] = rows[ROW_KEY[column]!][n]!;
      }
      const slice = rows.kind[n] === ON_CPU ? rows.slice[n]! + slicesBefore : 0;
      index.probe[SLICE_KEY] = slice;
      const at = index.add();
      if (at < merged.tgid.length) {
        merged.captures[at]! += rows.captures[n]!;
        merged.estimatedCount[at]! += rows.estimatedCount[n]!;
        merged.estimatedNs[at]! += rows.estimatedNs[n]!;
        merged.varianceNs2[at]! += rows.varianceNs2[n]!;
        continue;
      }
      appendRow(merged, {
        tgid: rows.tgid[n]!,
        tid: rows.tid[n]!,
        comm: rows.comm[n]!,
        cgroup: rows.cgroup[n]!,
        kind: rows.kind[n]!,
        state: rows.state[n]!,
        userStack: rows.userStack[n]!,
        kernelStack: rows.kernelStack[n]!,
        chain: rows.chain[n]!,
        bucket: rows.bucket[n]!,
        quarter: rows.quarter[n]!,
        slice,
        captures: rows.captures[n]!,
        estimatedCount: rows.estimatedCount[n]!,
        estimatedNs: rows.estimatedNs[n]!,
        varianceNs2: rows.varianceNs2[n]!,
      });
    }
  }
  return merged;
}

function mergeThreads(windows: readonly ProfileWindow[]): Threads {
  const merged = emptyThreads();
  const index = new TupleIndex(2);
  for (const { threads } of windows) {
    for (let n = 0; n < threads.tid.length; n++) {
      index.probe[0] = threads.tgid[n]!;
      index.probe[1] = threads.tid[n]!;
      const at = index.add();
      if (at < merged.tid.length) {
        // A thread may rename itself: the newest name is the one a reader knows it by.
        merged.comm[at] = threads.comm[n]!;
        merged.blockedNs[at]! += threads.blockedNs[n]!;
        merged.runqNs[at]! += threads.runqNs[n]!;
        merged.preemptedNs[at]! += threads.preemptedNs[n]!;
        merged.onCpuNs[at]! += threads.onCpuNs[n]!;
        merged.blockedCount[at]! += threads.blockedCount[n]!;
        merged.runqCount[at]! += threads.runqCount[n]!;
        merged.preemptedCount[at]! += threads.preemptedCount[n]!;
        merged.blockedInWindowNs[at]! += threads.blockedInWindowNs[n]!;
        merged.runqInWindowNs[at]! += threads.runqInWindowNs[n]!;
        merged.preemptedInWindowNs[at]! += threads.preemptedInWindowNs[n]!;
        merged.onCpuInWindowNs[at]! += threads.onCpuInWindowNs[n]!;
        continue;
      }
      appendThread(merged, {
        tgid: threads.tgid[n]!,
        tid: threads.tid[n]!,
        comm: threads.comm[n]!,
        blockedNs: threads.blockedNs[n]!,
        runqNs: threads.runqNs[n]!,
        preemptedNs: threads.preemptedNs[n]!,
        onCpuNs: threads.onCpuNs[n]!,
        blockedCount: threads.blockedCount[n]!,
        runqCount: threads.runqCount[n]!,
        preemptedCount: threads.preemptedCount[n]!,
        blockedInWindowNs: threads.blockedInWindowNs[n]!,
        runqInWindowNs: threads.runqInWindowNs[n]!,
        preemptedInWindowNs: threads.preemptedInWindowNs[n]!,
        onCpuInWindowNs: threads.onCpuInWindowNs[n]!,
      });
    }
  }
  return merged;
}

function mergeHistograms(windows: readonly ProfileWindow[]): Histograms {
  const merged = emptyHistograms();
  const index = new TupleIndex(3);
  for (const { histograms } of windows) {
    for (let n = 0; n < histograms.tgid.length; n++) {
      index.probe[0] = histograms.tgid[n]!;
      index.probe[1] = histograms.kind[n]!;
      index.probe[2] = histograms.bucket[n]!;
      const at = index.add();
      if (at < merged.tgid.length) {
        merged.count[at]! += histograms.count[n]!;
        continue;
      }
      appendHistogram(merged, {
        tgid: histograms.tgid[n]!,
        kind: histograms.kind[n]!,
        bucket: histograms.bucket[n]!,
        count: histograms.count[n]!,
      });
    }
  }
  return merged;
}

function mergeProcesses(windows: readonly ProfileWindow[]): Processes {
  const newest = new Map<number, { processes: Processes; at: number }>();
  for (const { processes } of windows) {
    for (let at = 0; at < processes.tgid.length; at++) newest.set(processes.tgid[at]!, { processes, at });
  }
  const merged = emptyProcesses();
  const columns = Object.keys(merged) as (keyof Processes)[];
  for (const { processes, at } of newest.values()) {
    for (const column of columns) merged[column].push(processes[column][at]!);
  }
  return merged;
}

function mergeLatencies(windows: readonly ProfileWindow[]): Latencies {
  const merged = emptyLatencies();
  const index = new TupleIndex(6);
  for (const { latencies } of windows) {
    for (let n = 0; n < latencies.probe.length; n++) {
      index.probe[0] = latencies.probe[n]!;
      index.probe[1] = latencies.tgid[n]!;
      index.probe[2] = latencies.tid[n]!;
      index.probe[3] = latencies.operation[n]!;
      index.probe[4] = latencies.target[n]!;
      index.probe[5] = latencies.bucket[n]!;
      const at = index.add();
      if (at < merged.probe.length) {
        merged.count[at]! += latencies.count[n]!;
        continue;
      }
      appendLatency(merged, {
        probe: latencies.probe[n]!,
        tgid: latencies.tgid[n]!,
        tid: latencies.tid[n]!,
        operation: latencies.operation[n]!,
        target: latencies.target[n]!,
        bucket: latencies.bucket[n]!,
        count: latencies.count[n]!,
      });
    }
  }
  return merged;
}

/** Rates and gauges alike: their mean over the windows that have them, each weighed by its length. */
function meanVitals(windows: readonly ProfileWindow[]): Vitals {
  const merged = emptyVitals();
  const weights: number[] = [];
  const index = new TupleIndex(2);
  for (const { vitals, startMs, endMs } of windows) {
    // A window of no length would weigh nothing, and its reading be lost.
    const weight = Math.max(endMs - startMs, Number.MIN_VALUE);
    for (let n = 0; n < vitals.metric.length; n++) {
      index.probe[0] = vitals.metric[n]!;
      index.probe[1] = vitals.label[n]!;
      const at = index.add();
      if (at === weights.length) {
        weights.push(weight);
        appendVital(merged, {
          metric: vitals.metric[n]!,
          label: vitals.label[n]!,
          value: vitals.value[n]!,
        });
        continue;
      }
      weights[at]! += weight;
      merged.value[at]! += ((vitals.value[n]! - merged.value[at]!) * weight) / weights[at]!;
    }
  }
  return merged;
}

/** On where it was on in all of them; refused where the newest says so. */
function mergeProbes(windows: readonly ProfileWindow[]): Probes {
  const merged = emptyProbes();
  const seenIn: number[] = [];
  const index = new TupleIndex(1);
  for (const { probes } of windows) {
    for (let n = 0; n < probes.name.length; n++) {
      index.probe[0] = probes.name[n]!;
      const at = index.add();
      if (at === seenIn.length) {
        seenIn.push(0);
        appendProbe(merged, { name: probes.name[n]!, state: probes.state[n]!, detail: probes.detail[n]! });
      }
      seenIn[at]!++;
      const isRefused = probes.state[n] === REFUSED || merged.state[at] === REFUSED;
      merged.state[at] = isRefused ? probes.state[n]! : Math.max(merged.state[at]!, probes.state[n]!);
      merged.detail[at] = probes.detail[n]!;
      merged.isMeasured[at] = Math.max(merged.isMeasured[at]!, probes.isMeasured[n]!);
      merged.runNs[at]! += probes.runNs[n]!;
      merged.runCount[at]! += probes.runCount[n]!;
    }
  }
  for (const [at, windowsWithIt] of seenIn.entries()) {
    if (windowsWithIt < windows.length && merged.state[at] === ON) merged.state[at] = STARTING;
  }
  return merged;
}

const ON = PROBE_STATES.indexOf('on');
const STARTING = PROBE_STATES.indexOf('starting');
const REFUSED = PROBE_STATES.indexOf('refused');
