import { emptyWindow, NONE, ProfileTables } from '@stallscope/profile';
import { describe, expect, test } from 'vitest';
import type { RawOpenWait, RawThread } from './sched-records.js';
import { appendOpenWaits, appendThreads, MAX_OPEN_WAITS, MAX_THREADS } from './thread-columns.js';

/** When the window began. */
const STARTED_NS = 7_000;

function thread(fields: Partial<RawThread>): RawThread {
  return {
    tgid: 1,
    tid: 1,
    comm: 'app',
    isKernelThread: false,
    ns: [0, 0, 0],
    count: [0, 0, 0],
    onCpuNs: 0,
    switches: 0,
    livedNs: [0, 0, 0, 0],
    livedSinceNs: STARTED_NS,
    histogram: new Uint32Array(120),
    histogramAt: 0,
    openWait: undefined,
    ...fields,
  };
}

function waiting(sinceNs: number | undefined): RawOpenWait {
  return { kind: 0, state: 1, sinceNs, userStack: 0n, kernelStack: 0n };
}

const stacks = { userStack: () => NONE, kernelStack: () => NONE };
const clock = { nowNs: 10_000, tracingStartedNs: 4_000 };

describe('exact columns of a window', () => {
  test('hold threads that did something, and one histogram a process', () => {
    const window = emptyWindow({});
    // Records lie behind each other in one array: what is before is another thread's.
    const histogram = new Uint32Array(7 + 120).fill(9, 0, 7);
    histogram[7 + 13] = 2;
    const histogramAt = 7;
    appendThreads(
      window,
      new ProfileTables(),
      [
        thread({ tid: 1, ns: [20_000, 0, 0], count: [2, 0, 0], switches: 2, histogram, histogramAt }),
        thread({ tid: 2, ns: [20_000, 0, 0], count: [2, 0, 0], switches: 2, histogram, histogramAt }),
        thread({ tid: 3, openWait: waiting(1) }),
      ],
      STARTED_NS,
    );
    expect(window.threads.tid).toEqual([1, 2]);
    expect(window.histograms).toEqual({ tgid: [1], kind: [0], bucket: [13], count: [4] });
  });

  test('have the life of every thread in the window, of those that slept through it too, after the others', () => {
    const window = emptyWindow({});
    appendThreads(
      window,
      new ProfileTables(),
      [
        thread({ tid: 1, livedNs: [5_000, 0, 0, 0] }),
        thread({ tid: 2, switches: 1, livedNs: [1_000, 200, 300, 3_500] }),
        thread({ tid: 3 }),
      ],
      STARTED_NS,
    );
    expect(window.threads.tid).toEqual([2, 1]);
    expect(window.threads.blockedInWindowNs).toEqual([1_000, 5_000]);
    expect(window.threads.runqInWindowNs).toEqual([200, 0]);
    expect(window.threads.preemptedInWindowNs).toEqual([300, 0]);
    expect(window.threads.onCpuInWindowNs).toEqual([3_500, 0]);
  });

  test('leave out the life of a thread that was not read while its window was drained', () => {
    const window = emptyWindow({});
    const late = {
      livedNs: [5_000, 0, 0, 0] as [number, number, number, number],
      livedSinceNs: STARTED_NS - 5_000,
    };
    appendThreads(
      window,
      new ProfileTables(),
      [thread({ tid: 1, ...late }), thread({ tid: 2, switches: 3, ns: [700, 0, 0], ...late })],
      STARTED_NS,
    );
    expect(window.threads.tid).toEqual([2]);
    expect(window.threads.blockedNs).toEqual([700]);
    expect(window.threads.blockedInWindowNs).toEqual([0]);
  });

  test('say how many threads they had no room for, and leave out those that slept', () => {
    const all = Array.from({ length: MAX_THREADS + 3 }, (_, tid) => thread({ tid, livedNs: [1, 0, 0, 0] }));
    all.push(thread({ tid: MAX_THREADS + 3, switches: 1 }));
    const window = emptyWindow({});
    expect(appendThreads(window, new ProfileTables(), all, STARTED_NS)).toBe(4);
    expect(window.threads.tid).toHaveLength(MAX_THREADS);
    expect(window.threads.tid[0]).toBe(MAX_THREADS + 3);
  });

  test('list open waits longest first, kernel threads last', () => {
    const window = emptyWindow({});
    appendOpenWaits(
      window,
      new ProfileTables(),
      stacks,
      [
        thread({ tid: 1, openWait: waiting(9_000) }),
        thread({ tid: 2, isKernelThread: true, openWait: waiting(5_000) }),
        thread({ tid: 3, openWait: waiting(undefined) }),
        thread({ tid: 4 }),
      ],
      clock,
    );
    expect(window.openWaits.tid).toEqual([3, 1, 2]);
    expect(window.openWaits.elapsedNs).toEqual([6_000, 1_000, 5_000]);
    expect(window.openWaits.sinceBeforeTracing).toEqual([1, 0, 0]);
  });

  test('say how many open waits they had no room for', () => {
    const all = Array.from({ length: MAX_OPEN_WAITS + 7 }, (_, i) =>
      thread({ tid: i, openWait: waiting(i) }),
    );
    const window = emptyWindow({});
    expect(appendOpenWaits(window, new ProfileTables(), stacks, all, clock)).toBe(7);
    expect(window.openWaits.tid).toHaveLength(MAX_OPEN_WAITS);
  });
});
