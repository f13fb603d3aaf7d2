import { describe, expect, test } from 'vitest';
import { checkSeeds } from './fixtures/index.js';
import { ROW_KINDS } from './kinds.js';
import { appendThread, emptyWindow, type ThreadValues } from './rows.js';
import {
  columnLengthMs,
  LIFE_KINDS,
  MAX_TIMELINE_COLUMNS,
  MAX_TIMELINE_THREADS,
  type ThreadTimeline,
  TimelineColumn,
  toGaps,
  toThreadTimeline,
} from './thread-timeline.js';
import { hasLives, LIFE_COLUMNS } from './wall.js';
import type { ProfileWindow } from './window.js';

const MS = 1e6;
const STRINGS = ['', 'main', 'worker', 'renamed'];
const NOTHING = {
  ...{ blockedNs: 0, runqNs: 0, preemptedNs: 0, onCpuNs: 0 },
  ...{ blockedCount: 0, runqCount: 0, preemptedCount: 0 },
};

type Life = Partial<Pick<ThreadValues, (typeof LIFE_COLUMNS)[number]>> & {
  tid: number;
  comm?: number;
  tgid?: number;
};

function windowOf(sequence: number, lives: Life[], startMs = sequence * 1000): ProfileWindow {
  const window = emptyWindow({ sequence, startMs, endMs: startMs + 1000 });
  for (const { tid, comm = 1, tgid = 7, ...life } of lives) {
    appendThread(window.threads, { tgid, tid, comm, ...NOTHING, ...life });
  }
  return window;
}

function timelineOf(
  windows: ProfileWindow[],
  ofColumn = (window: ProfileWindow) => window.startMs,
): ThreadTimeline {
  const columns = new Map<number, TimelineColumn>();
  for (const window of windows) {
    if (!hasLives(window)) continue;
    const key = ofColumn(window);
    const column = columns.get(key) ?? new TimelineColumn();
    columns.set(key, column);
    column.add(window, (entry) => window.threads.tgid[entry] === 7);
  }
  return toThreadTimeline({
    tgid: 7,
    fromMs: windows[0]?.startMs ?? 0,
    toMs: windows.at(-1)?.endMs ?? 0,
    windows,
    hasCounters: (window) => hasLives(windows.find(({ startMs }) => startMs === window.startMs)!),
    columns: [...columns.values()],
    strings: STRINGS,
  });
}

function cell(timeline: ThreadTimeline, row: number, column: number): number[] {
  const at = (row * timeline.startMs.length + column) * LIFE_KINDS;
  return Array.from(timeline.lifeNs.subarray(at, at + LIFE_KINDS), (ns) => ns / MS);
}

describe('a timeline of threads', () => {
  test('has a row a thread of the process, in order of tid, and a cell a window with its kinds', () => {
    const timeline = timelineOf([
      windowOf(0, [
        { tid: 9, comm: 2, blockedInWindowNs: 1000 * MS },
        { tid: 7, onCpuInWindowNs: 600 * MS, runqInWindowNs: 300 * MS, preemptedInWindowNs: 100 * MS },
        { tid: 8, tgid: 6, onCpuInWindowNs: 1000 * MS },
      ]),
    ]);
    expect([...timeline.tid]).toEqual([7, 9]);
    expect(timeline.name).toEqual(['main', 'worker']);
    expect(ROW_KINDS).toEqual(['blocked', 'runq', 'preempted', 'on-cpu']);
    expect(cell(timeline, 0, 0)).toEqual([0, 300, 100, 600]);
    expect(cell(timeline, 1, 0)).toEqual([1000, 0, 0, 0]);
    expect(timeline.bornMs[0]).toBeNaN();
    expect(timeline.diedMs[0]).toBeNaN();
  });

  test('knows when a thread was born and died, where the windows beside have been counted', () => {
    const main = { tid: 7, onCpuInWindowNs: 1000 * MS };
    const timeline = timelineOf([
      windowOf(0, [main]),
      windowOf(1, [main, { tid: 8, blockedInWindowNs: 250 * MS }]),
      windowOf(2, [main, { tid: 8, onCpuInWindowNs: 100 * MS }, { tid: 9, onCpuInWindowNs: 5 * MS }]),
      windowOf(3, [main]),
    ]);
    expect([timeline.bornMs[1], timeline.diedMs[1]]).toEqual([1750, 2100]);
    // Within one window: between its ends, when is not known.
    expect([timeline.bornMs[2], timeline.diedMs[2]]).toEqual([2000, 3000]);
    expect([...timeline.isInOneWindow]).toEqual([0, 0, 1]);
    expect(timeline.diedMs[0]).toBeNaN();
  });

  test('does not place a life that may have begun before what is known', () => {
    const main = { tid: 7, onCpuInWindowNs: 1000 * MS };
    const timeline = timelineOf([
      windowOf(0, [main, { tid: 8, onCpuInWindowNs: 5 * MS }]),
      windowOf(1, [main]),
    ]);
    expect(timeline.bornMs[1]).toBeNaN();
    expect([timeline.diedMs[1], timeline.isInOneWindow[1]]).toEqual([1000, 1]);
  });

  test('does not take the ends of what is known for a birth or a death', () => {
    const timeline = timelineOf([
      windowOf(0, [{ tid: 7, onCpuInWindowNs: 1000 * MS }]),
      windowOf(5, [{ tid: 8, onCpuInWindowNs: 1000 * MS }]),
    ]);
    expect([...timeline.bornMs, ...timeline.diedMs].every(Number.isNaN)).toBe(true);
  });

  test('says why nothing is known of a stretch', () => {
    const life = [{ tid: 7, onCpuInWindowNs: 1000 * MS }];
    const { gaps } = timelineOf([
      windowOf(4, life),
      windowOf(7, life, 7000),
      windowOf(8, life, 9000),
      windowOf(0, life, 12_000),
      windowOf(1, [], 13_000),
      windowOf(2, [], 14_000),
    ]);
    expect(gaps).toEqual([
      { fromMs: 5000, toMs: 7000, reason: 'lost', windows: 2 },
      { fromMs: 8000, toMs: 9000, reason: 'not-measured', windows: 0 },
      { fromMs: 10_000, toMs: 12_000, reason: 'agent-started', windows: 0 },
      { fromMs: 13_000, toMs: 15_000, reason: 'no-counters', windows: 0 },
    ]);
  });

  test('tells a gap at an end of it: nothing is held there, or windows that are out of it begin or end in it', () => {
    const windows = [windowOf(4, []), windowOf(5, [])];
    const gapsOf = (earlier?: ProfileWindow) =>
      toGaps({ windows, fromMs: 3000, toMs: 8000, hasCounters: () => true, earlier }).map(
        ({ fromMs, toMs, reason }) => `${fromMs} ${toMs} ${reason}`,
      );
    expect(gapsOf()).toEqual(['3000 4000 before-first', '6000 8000 after-last']);
    expect(gapsOf(windowOf(3, []))).toEqual(['6000 8000 after-last']);
    expect(gapsOf(windowOf(1, [], 2500))).toEqual(['3500 4000 lost', '6000 8000 after-last']);
  });

  test('a thread that was renamed is one row, under its last name, with all of its life', () => {
    const timeline = timelineOf([
      windowOf(0, [
        { tid: 7, comm: 1, onCpuInWindowNs: 400 * MS },
        { tid: 7, comm: 3, onCpuInWindowNs: 600 * MS },
      ]),
    ]);
    expect(timeline.name).toEqual(['renamed']);
    expect(cell(timeline, 0, 0)).toEqual([0, 0, 0, 1000]);
  });

  test('of more threads than fit those stay that lived longest, and how many are left out is told', () => {
    const many = Array.from({ length: MAX_TIMELINE_THREADS }, (_, i) => ({
      tid: 100 + i,
      onCpuInWindowNs: MS,
    }));
    const timeline = timelineOf([
      windowOf(0, many),
      windowOf(1, [
        { tid: 50, blockedInWindowNs: 1000 * MS },
        { tid: 51, blockedInWindowNs: 1000 * MS },
      ]),
    ]);
    expect(timeline.tid.length).toBe(MAX_TIMELINE_THREADS);
    expect(timeline.leftOut).toBe(2);
    expect([...timeline.tid.slice(0, 3)]).toEqual([50, 51, 100]);
  });

  test('its cells add up to the counters of the windows, however many a column has', () => {
    checkSeeds(20, (random) => {
      const windows = Array.from({ length: 1 + random.integer(0, 30) }, (_, sequence) =>
        windowOf(
          sequence,
          Array.from({ length: random.integer(0, 5) }, () => ({
            tid: random.integer(7, 12),
            blockedInWindowNs: random.integer(0, 500) * MS,
            runqInWindowNs: random.integer(0, 5) * MS,
            onCpuInWindowNs: random.integer(0, 500) * MS,
          })),
        ),
      );
      const each = random.integer(1, 5);
      const timeline = timelineOf(windows, ({ sequence }) => Math.floor(sequence / each));
      const sums = LIFE_COLUMNS.map((column) =>
        windows.reduce((sum, { threads }) => sum + threads[column].reduce((all, ns) => all + ns, 0), 0),
      );
      const drawn = sums.map((_, kind) => {
        let ns = 0;
        for (let at = kind; at < timeline.lifeNs.length; at += LIFE_KINDS) ns += timeline.lifeNs[at]!;
        return ns;
      });
      // Single precision: to a part in ten million of each cell.
      for (const [kind, ns] of drawn.entries())
        expect(Math.abs(ns - sums[kind]!)).toBeLessThanOrEqual(sums[kind]! * 1e-6);
    });
  });

  test('columns are windows while they are few, then lengths of the clock that keep them few', () => {
    const seconds = (count: number) => Array.from({ length: count }, (_, i) => windowOf(i, []));
    expect(columnLengthMs(seconds(MAX_TIMELINE_COLUMNS))).toBeNull();
    expect(columnLengthMs(seconds(300))).toBe(2000);
    expect(columnLengthMs(seconds(900))).toBe(5000);
    for (const count of [241, 479, 1200, 5000]) {
      expect((count * 1000) / columnLengthMs(seconds(count))!).toBeLessThanOrEqual(MAX_TIMELINE_COLUMNS - 1);
    }
  });
});
