/**
 * Owns making one window of neighbours: the same totals in fewer rows, for whoever cannot keep up with each of them.
 *
 *     [0 s, 1 s) a: 3 ms          [0 s, 2 s) a: 8 ms
 *     [1 s, 2 s) a: 5 ms, b: 1 ms            b: 1 ms
 *
 * Invariant: every total over rows, threads, histograms and losses is the sum over the windows given.
 */
import {
  appendHistogram,
  appendProcess,
  appendRow,
  appendThread,
  emptyHistograms,
  emptyProcesses,
  emptyRows,
  emptyThreads,
} from './rows.js';
import { TupleIndex } from './tuple-index.js';
import {
  type Histograms,
  LOSSES,
  type LossCounts,
  type Processes,
  type ProfileWindow,
  type Rows,
  type Threads,
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
] as const satisfies readonly (keyof Rows)[];

function mergeRows(windows: readonly ProfileWindow[]): Rows {
  const merged = emptyRows();
  const index = new TupleIndex(ROW_KEY.length);
  for (const { rows } of windows) {
    for (let n = 0; n < rows.tgid.length; n++) {
      for (let column = 0; column < ROW_KEY.length; column++) {
        index.probe[column] = rows[ROW_KEY[column]!][n]!;
      }
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
  const names = new Map<number, number>();
  for (const { processes } of windows) {
    for (let n = 0; n < processes.tgid.length; n++) names.set(processes.tgid[n]!, processes.name[n]!);
  }
  const merged = emptyProcesses();
  for (const [tgid, name] of names) appendProcess(merged, { tgid, name });
  return merged;
}
