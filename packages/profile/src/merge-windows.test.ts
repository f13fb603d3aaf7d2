import { describe, expect, it } from 'vitest';
import { checkSeeds, randomWindow } from './fixtures/index.js';
import { mergeWindows } from './merge-windows.js';
import { appendOpenWait, appendThread, emptyOpenWaits, emptyThreads, emptyWindow } from './rows.js';
import { ProfileTables } from './tables.js';
import { LOSSES, type ProfileWindow } from './window.js';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const thread = { tgid: 1, runqNs: 0, preemptedNs: 0, onCpuNs: 0, runqCount: 0, preemptedCount: 0 };

describe('mergeWindows', () => {
  it('keeps every total of random windows, in distinct rows', () => {
    checkSeeds(100, (random) => {
      const tables = new ProfileTables();
      const windows = Array.from({ length: random.integer(1, 5) }, (_, n) =>
        randomWindow(random, tables, { sequence: n, startMs: n * 1000, functions: 2, maxDepth: 2 }),
      );
      const merged = mergeWindows(windows);
      const total = (of: (window: ProfileWindow) => readonly number[]): void => {
        const expected = sum(windows.map((window) => sum(of(window))));
        expect(sum(of(merged))).toBeCloseTo(expected, expected > 1e15 ? -8 : 3);
      };
      total((w) => w.rows.captures);
      total((w) => w.rows.estimatedNs);
      total((w) => w.rows.estimatedCount);
      total((w) => w.threads.blockedNs);
      total((w) => w.threads.runqNs);
      total((w) => w.threads.preemptedNs);
      total((w) => w.threads.onCpuNs);
      total((w) => w.threads.blockedCount);
      total((w) => w.threads.runqCount);
      total((w) => w.threads.preemptedCount);
      total((w) => w.histograms.count);
      total((w) => LOSSES.map((loss) => w.losses[loss] ?? 0));
      total((w) => [w.agentCpuNs]);

      const { rows, threads, processes } = merged;
      const keys = rows.tgid.map((tgid, n) =>
        [tgid, rows.tid, rows.comm, rows.cgroup, rows.kind, rows.state, rows.userStack, rows.kernelStack]
          .concat([rows.chain, rows.bucket, rows.quarter, rows.slice])
          .map((column) => (typeof column === 'number' ? column : column[n]))
          .join(),
      );
      expect(new Set(keys).size).toBe(keys.length);
      expect(new Set(threads.tid).size).toBe(threads.tid.length);
      expect(new Set(processes.tgid).size).toBe(processes.tgid.length);
      expect(merged.startMs).toBe(0);
      expect(merged.endMs).toBe(windows.length * 1000);
      expect(merged.sequence).toBe(windows.length - 1);
    });
  });

  it('keeps the open waits and the thread names of the newest, and the coarsest tau', () => {
    const older = emptyWindow({ tauNs: 5, governed: true, threads: emptyThreads() });
    appendThread(older.threads, { ...thread, tid: 1, comm: 1, blockedNs: 2, blockedCount: 1 });
    const newer = emptyWindow({ tauNs: 3, openWaits: emptyOpenWaits() });
    appendThread(newer.threads, { ...thread, tid: 1, comm: 2, blockedNs: 3, blockedCount: 1 });
    appendOpenWait(newer.openWaits, {
      tgid: 1,
      tid: 1,
      comm: 2,
      kind: 0,
      state: 1,
      elapsedNs: 9,
      sinceBeforeTracing: 0,
      userStack: -1,
      kernelStack: -1,
    });
    const merged = mergeWindows([older, newer]);
    expect(merged.tauNs).toBe(5);
    expect(merged.governed).toBe(true);
    expect(merged.openWaits.elapsedNs).toEqual([9]);
    expect(merged.threads.comm).toEqual([2]);
    expect(merged.threads.blockedNs).toEqual([5]);
  });

  it('does not change the windows it is given', () => {
    const older = emptyWindow();
    appendThread(older.threads, { ...thread, tid: 1, comm: 1, blockedNs: 2, blockedCount: 1 });
    mergeWindows([older, older]);
    expect(older.threads.blockedNs).toEqual([2]);
  });

  it('says so when there is nothing to merge', () => {
    expect(() => mergeWindows([])).toThrow(/none were given/);
  });
});
