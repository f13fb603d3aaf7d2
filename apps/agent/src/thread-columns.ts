/** Owns turning thread records into a window's exact columns: counters, histograms and open waits. Pure. */
import {
  appendHistogram,
  appendOpenWait,
  appendThread,
  KINDS,
  type ProfileTables,
  type ProfileWindow,
} from '@stallscope/profile';
import { HISTOGRAM_BUCKETS, type RawThread } from './sched-records.js';
import type { StackResolver } from './stack-resolver.js';

/**
 * Open waits a window, about 15 bytes each on the wire: most threads of a host are in one. User threads come before kernel
 * threads, longer waits before shorter.
 */
export const MAX_OPEN_WAITS = 4_096;

/** Threads a window: half of what the wire allows, a megabyte of it where all sleep. Those that did something come first. */
export const MAX_THREADS = 65_536;

/**
 * A thread that did nothing is there too: it lived.
 * @param windowStartedNs CLOCK_MONOTONIC ns: what a record says of another window is left out
 * @returns how many threads there was no room for
 */
export function appendThreads(
  window: ProfileWindow,
  tables: ProfileTables,
  threads: readonly RawThread[],
  windowStartedNs: number,
): number {
  const histograms = new Map<number, Float64Array>();
  const active = threads.filter(hasCounted);
  const idle = threads.filter((thread) => !hasCounted(thread) && thread.livedNs.some((ns) => ns > 0));
  for (const thread of [...active, ...idle].slice(0, MAX_THREADS)) {
    const { ns, count } = thread;
    const isOfWindow = thread.livedSinceNs === windowStartedNs;
    // Nothing else is known of it.
    if (!isOfWindow && !hasCounted(thread)) continue;
    const [blocked, runq, preempted, onCpu] = isOfWindow ? thread.livedNs : NOTHING_LIVED;
    appendThread(window.threads, {
      tgid: thread.tgid,
      tid: thread.tid,
      comm: tables.internString(thread.comm),
      blockedNs: ns[0],
      runqNs: ns[1],
      preemptedNs: ns[2],
      onCpuNs: thread.onCpuNs,
      blockedCount: count[0],
      runqCount: count[1],
      preemptedCount: count[2],
      blockedInWindowNs: blocked,
      runqInWindowNs: runq,
      preemptedInWindowNs: preempted,
      onCpuInWindowNs: onCpu,
    });
    if (count[0] + count[1] + count[2] === 0) continue;
    let sums = histograms.get(thread.tgid);
    if (sums === undefined) {
      sums = new Float64Array(KINDS.length * HISTOGRAM_BUCKETS);
      histograms.set(thread.tgid, sums);
    }
    for (let kind = 0; kind < KINDS.length; kind++) {
      // Most threads were never preempted.
      if (count[kind] === 0) continue;
      const first = kind * HISTOGRAM_BUCKETS;
      for (let at = first; at < first + HISTOGRAM_BUCKETS; at++) {
        sums[at]! += thread.histogram[thread.histogramAt + at]!;
      }
    }
  }
  for (const [tgid, sums] of histograms) {
    for (let at = 0; at < sums.length; at++) {
      if (sums[at] === 0) continue;
      appendHistogram(window.histograms, {
        tgid,
        kind: Math.floor(at / HISTOGRAM_BUCKETS),
        bucket: at % HISTOGRAM_BUCKETS,
        count: sums[at]!,
      });
    }
  }
  return Math.max(0, active.length + idle.length - MAX_THREADS);
}

function hasCounted({ switches, onCpuNs, count }: RawThread): boolean {
  return switches > 0 || onCpuNs > 0 || count[0] + count[1] + count[2] > 0;
}

const NOTHING_LIVED: RawThread['livedNs'] = [0, 0, 0, 0];

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
