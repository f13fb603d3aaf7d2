import { describe, expect, test } from 'vitest';
import { checkSeeds, randomWindow } from './fixtures/index.js';
import { NONE, ON_CPU, ROW_KINDS } from './kinds.js';
import {
  appendOpenWait,
  appendRow,
  appendThread,
  emptyWindow,
  type RowValues,
  rowCount,
  type ThreadValues,
} from './rows.js';
import { ProfileTables } from './tables.js';
import { hasLives, LIFE_COLUMNS, toLifeTotal, toWallRows } from './wall.js';
import type { ProfileWindow } from './window.js';

const MS = 1e6;
const STACK_A = 3;
const STACK_B = 4;

function secondOf(life: Partial<ThreadValues>): ProfileWindow {
  const window = emptyWindow({ startMs: 5_000, endMs: 6_000 });
  const idle = { blockedNs: 0, runqNs: 0, preemptedNs: 0, onCpuNs: 0 };
  const counts = { blockedCount: 0, runqCount: 0, preemptedCount: 0 };
  appendThread(window.threads, { tgid: 7, tid: 8, comm: 0, ...idle, ...counts, ...life });
  return window;
}

function addRow(window: ProfileWindow, kernelStack: number, row: Partial<RowValues>): void {
  appendRow(window.rows, {
    ...{ tgid: 7, tid: 8, comm: 0, cgroup: 0, kind: 0, state: 1, userStack: NONE, kernelStack, chain: 0 },
    ...{ captures: 1, estimatedCount: 1, estimatedNs: 0, varianceNs2: 0, ...row },
    bucket: row.bucket ?? Math.floor(Math.log2(row.estimatedNs ?? 1)),
  });
}

function addOpen(window: ProfileWindow, kernelStack: number, elapsedNs: number, kind = 0): void {
  appendOpenWait(window.openWaits, {
    ...{ tgid: 7, tid: 8, comm: 0, kind, state: 1, elapsedNs, sinceBeforeTracing: 0 },
    ...{ userStack: NONE, kernelStack },
  });
}

/** `kind stack: ms`, in order of the rows. */
function said(window: ProfileWindow): string[] {
  const wall = toWallRows(window);
  return wall.estimatedNs.map((ns, i) => `${ROW_KINDS[wall.kind[i]!]} ${wall.kernelStack[i]}: ${ns / MS}`);
}

describe('rows of the wall view', () => {
  test('a wait that began before the window loses what lay there, and others of the thread do not', () => {
    const window = secondOf({
      blockedNs: 10_300 * MS,
      blockedInWindowNs: 700 * MS,
      onCpuInWindowNs: 300 * MS,
    });
    addRow(window, STACK_A, { estimatedNs: 10_000 * MS });
    addRow(window, STACK_B, { estimatedNs: 300 * MS });
    expect(said(window)).toEqual(['blocked 3: 400', 'blocked 4: 300', 'on-cpu -1: 300']);
  });

  test('a wait that is not over has the time since it began, or since the window did', () => {
    const young = secondOf({ blockedNs: 400 * MS, blockedInWindowNs: 1_000 * MS });
    addRow(young, STACK_A, { estimatedNs: 400 * MS });
    addOpen(young, STACK_B, 600 * MS);
    expect(said(young)).toEqual(['blocked 3: 400', 'blocked 4: 600']);

    const old = secondOf({ blockedInWindowNs: 1_000 * MS });
    addOpen(old, STACK_B, 3_600_000 * MS);
    expect(said(old)).toEqual(['blocked 4: 1000']);
  });

  test('one that is woken and has no CPU yet waits for it where it slept', () => {
    const window = secondOf({ blockedInWindowNs: 600 * MS, runqInWindowNs: 400 * MS });
    addOpen(window, STACK_A, 400 * MS, 1);
    expect(said(window)).toEqual(['blocked 3: 600', 'runq 3: 400']);
  });

  test('kinds that were sampled are scaled to their counters', () => {
    const window = secondOf({
      ...{ blockedNs: 500 * MS, runqNs: 100 * MS, preemptedNs: 150 * MS },
      ...{ blockedInWindowNs: 500 * MS, runqInWindowNs: 100 * MS, preemptedInWindowNs: 150 * MS },
      onCpuInWindowNs: 250 * MS,
    });
    addRow(window, STACK_A, { estimatedNs: 300 * MS, bucket: 20 });
    addRow(window, STACK_B, { estimatedNs: 100 * MS, bucket: 20 });
    addRow(window, STACK_A, { kind: 1, state: 0, estimatedNs: 130 * MS, bucket: 20 });
    addRow(window, STACK_A, { kind: ON_CPU, state: 0, estimatedNs: 180 * MS, captures: 18, bucket: 0 });
    addRow(window, STACK_B, { kind: ON_CPU, state: 0, estimatedNs: 20 * MS, captures: 2, bucket: 0 });
    expect(said(window)).toEqual([
      'blocked 3: 375',
      'blocked 4: 125',
      'runq 3: 100',
      'preempted -1: 150',
      'on-cpu 3: 225',
      'on-cpu 4: 25',
    ]);
  });

  test('add up to the counters of each thread, kind by kind, whatever was sampled', () => {
    checkSeeds(200, (random) => {
      const window = randomWindow(random, new ProfileTables());
      const wall = toWallRows(window);
      const sums = new Map<string, number>();
      const add = (tgid: number, tid: number, kind: number, ns: number): void => {
        const key = `${tgid}/${tid} ${ROW_KINDS[kind]}`;
        sums.set(key, (sums.get(key) ?? 0) + ns);
      };
      for (let i = 0; i < rowCount(wall); i++) {
        expect(wall.estimatedNs[i]).toBeGreaterThan(0);
        add(wall.tgid[i]!, wall.tid[i]!, wall.kind[i]!, wall.estimatedNs[i]!);
      }
      for (const [kind, column] of LIFE_COLUMNS.entries()) {
        for (const [i, ns] of window.threads[column].entries()) {
          add(window.threads.tgid[i]!, window.threads.tid[i]!, kind, -ns);
        }
      }
      for (const [of, ns] of sums) expect([of, ns]).toEqual([of, 0]);
    });
  });

  test('are none where a file has no lives', () => {
    const window = secondOf({ blockedNs: 500 * MS, onCpuNs: 5 * MS });
    addRow(window, STACK_A, { estimatedNs: 500 * MS });
    expect(hasLives(window)).toBe(false);
    expect(rowCount(toWallRows(window))).toBe(0);
  });
});

test('threads and life of what is shown', () => {
  const window = secondOf({ blockedInWindowNs: 400 * MS, onCpuInWindowNs: 600 * MS });
  const next = secondOf({ tid: 9, preemptedInWindowNs: 50 * MS });
  expect(toLifeTotal(window.threads, () => true)).toEqual({ threads: 1, livedNs: 1_000 * MS });
  expect(toLifeTotal(next.threads, () => false)).toEqual({ threads: 0, livedNs: 0 });
});
