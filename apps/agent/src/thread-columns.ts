/** Owns turning thread records into a window's exact columns: counters, histograms and open waits. Pure. */
import {
  appendHistogram,
  appendOpenWait,
  appendThread,
  KINDS,
  type ProfileTables,
  type ProfileWindow,
} from '@stallscope/profile';
import type { RawThread } from './sched-records.js';
import type { StackResolver } from './stack-resolver.js';

/** Open waits a window: what a table can show. User threads come before kernel threads, longer waits before shorter. */
export const MAX_OPEN_WAITS = 1_024;

export function appendThreads(
  window: ProfileWindow,
  tables: ProfileTables,
  threads: readonly RawThread[],
): void {
  const histograms = new Map<number, Float64Array[]>();
  for (const thread of threads) {
    if (thread.switches === 0 && thread.onCpuNs === 0 && thread.count.every((count) => count === 0)) continue;
    appendThread(window.threads, {
      tgid: thread.tgid,
      tid: thread.tid,
      comm: tables.internString(thread.comm),
      blockedNs: thread.ns[0],
      runqNs: thread.ns[1],
      preemptedNs: thread.ns[2],
      onCpuNs: thread.onCpuNs,
      blockedCount: thread.count[0],
      runqCount: thread.count[1],
      preemptedCount: thread.count[2],
    });
    let process = histograms.get(thread.tgid);
    if (process === undefined) {
      process = KINDS.map(() => new Float64Array(thread.histogram[0]!.length));
      histograms.set(thread.tgid, process);
    }
    for (const [kind, counts] of thread.histogram.entries()) {
      const sums = process[kind]!;
      for (const [bucket, count] of counts.entries()) sums[bucket]! += count;
    }
  }
  for (const [tgid, kinds] of histograms) {
    for (const [kind, counts] of kinds.entries()) {
      for (const [bucket, count] of counts.entries()) {
        if (count > 0) appendHistogram(window.histograms, { tgid, kind, bucket, count });
      }
    }
  }
}

/** @returns how many open waits there was no room for */
export function appendOpenWaits(
  window: ProfileWindow,
  tables: ProfileTables,
  stacks: Pick<StackResolver, 'userStack' | 'kernelStack'>,
  threads: readonly RawThread[],
  clock: { nowNs: number; tracingStartedNs: number },
): number {
  const waiting = threads
    .filter((thread) => thread.openWait !== undefined)
    .map((thread) => ({
      thread,
      wait: thread.openWait!,
      sinceNs: thread.openWait!.sinceNs ?? clock.tracingStartedNs,
    }))
    .sort(
      (a, b) => Number(a.thread.isKernelThread) - Number(b.thread.isKernelThread) || a.sinceNs - b.sinceNs,
    );
  for (const { thread, wait, sinceNs } of waiting.slice(0, MAX_OPEN_WAITS)) {
    appendOpenWait(window.openWaits, {
      tgid: thread.tgid,
      tid: thread.tid,
      comm: tables.internString(thread.comm),
      kind: wait.kind,
      state: wait.state,
      elapsedNs: Math.max(0, clock.nowNs - sinceNs),
      sinceBeforeTracing: wait.sinceNs === undefined ? 1 : 0,
      userStack: stacks.userStack(thread.tgid, wait.userStack),
      kernelStack: stacks.kernelStack(wait.kernelStack),
    });
  }
  return Math.max(0, waiting.length - MAX_OPEN_WAITS);
}
