import { describe, expect, it } from 'vitest';
import { countSlices, rowsOfSlices, toSlice } from './cpu-slices.js';
import { checkSeeds, randomWindow } from './fixtures/index.js';
import { KINDS, ON_CPU, SLICE_MS } from './kinds.js';
import { appendRow, emptyWindow, rowCount } from './rows.js';
import { ProfileTables } from './tables.js';
import { windowTotals } from './totals.js';
import type { ProfileWindow } from './window.js';

const QUERY = { view: 'cpu', kinds: KINDS } as const;

function windowOf(
  startMs: number,
  tables: ProfileTables,
  samples: [slice: number, tid: number][],
): ProfileWindow {
  const window = emptyWindow({ startMs, endMs: startMs + 1000, cpuPeriodNs: 1e7 });
  for (const [slice, tid] of samples) {
    appendRow(window.rows, {
      ...{ tgid: 1, tid, comm: tables.internString('app'), cgroup: 0, kind: ON_CPU, state: 0 },
      ...{ userStack: -1, kernelStack: -1, chain: -1, bucket: 0, slice },
      ...{ captures: 1, estimatedCount: 1, estimatedNs: 1e7, varianceNs2: 1e14 },
    });
  }
  return window;
}

describe('slices of the clock', () => {
  it('count from that of the window’s start, wherever in it the window begins', () => {
    const tables = new ProfileTables();
    const { slice, samples } = countSlices(
      tables,
      windowOf(12_000_123, tables, [
        [2, 7],
        [0, 7],
        [2, 8],
      ]),
      QUERY,
    );
    expect([...slice]).toEqual([1_200_012, 1_200_014]);
    expect([...samples]).toEqual([1, 2]);
    expect(toSlice(12_000_140)).toBe(1_200_014);
  });

  it('are of whom the query names', () => {
    const tables = new ProfileTables();
    const window = windowOf(0, tables, [
      [1, 7],
      [2, 8],
    ]);
    expect([...countSlices(tables, window, { ...QUERY, tids: [8] }).slice]).toEqual([2]);
    expect([...countSlices(tables, window, { ...QUERY, view: 'off-cpu' }).slice]).toEqual([1, 2]);
  });
});

describe('rows of a stretch', () => {
  it('are the samples between its ends, across windows', () => {
    const tables = new ProfileTables();
    const windows = [
      windowOf(0, tables, [
        [97, 1],
        [99, 2],
      ]),
      windowOf(1000, tables, [
        [0, 3],
        [5, 4],
      ]),
    ];
    const rows = rowsOfSlices(windows, { from: 98, to: 105 });
    expect(rows.tid).toEqual([2, 3]);
    expect(rows.slice).toEqual([0, 0]);
    expect(rowCount(rowsOfSlices(windows, { from: 200, to: 300 }))).toBe(0);
  });

  it('of two stretches that meet are together those of both, for any windows', () => {
    checkSeeds(60, (random) => {
      const tables = new ProfileTables();
      const windows = [0, 1, 2].map((sequence) => ({
        ...randomWindow(random, tables),
        startMs: 1000 * sequence + 3,
        endMs: 1000 * sequence + 1003,
      }));
      const cut = random.integer(0, 3 * (1000 / SLICE_MS) + 2);
      const samples = (from: number, to: number): number =>
        rowsOfSlices(windows, { from, to }).captures.reduce((sum, count) => sum + count, 0);
      const all = windowTotals(tables, windows, QUERY).captures;
      expect(samples(0, cut) + samples(cut, 1e9)).toBe(all);
      const counted = windows.flatMap((window) => [...countSlices(tables, window, QUERY).samples]);
      expect(counted.reduce((sum, count) => sum + count, 0)).toBe(all);
    });
  });
});
