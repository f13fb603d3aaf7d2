import {
  appendRow,
  emptyWindow,
  NO_SLICE_DATA,
  ON_CPU,
  ProfileTables,
  type ProfileWindow,
} from '@stallscope/profile';
import { expect, it } from 'vitest';
import type { ShelvedWindow } from '../live/window-shelf';
import { CpuHeatSum } from './cpu-heat-sum';

const QUERY = { view: 'cpu', kinds: ['blocked'] } as const;

function windowOf(
  startMs: number,
  cpuPeriodNs: number,
  samples: [slice: number, tgid: number][],
): ProfileWindow {
  const window = emptyWindow({ startMs, endMs: startMs + 1000, cpuPeriodNs });
  for (const [slice, tgid] of samples) {
    appendRow(window.rows, {
      ...{ tgid, tid: tgid, comm: 0, cgroup: 0, kind: ON_CPU, state: 0 },
      ...{ userStack: -1, kernelStack: -1, chain: -1, bucket: 0, slice },
      ...{ captures: 2, estimatedCount: 2, estimatedNs: 2e7, varianceNs2: 2e14 },
    });
  }
  return window;
}

/** The windows as a shelf has them, and how often each was decoded. */
function held(windows: ProfileWindow[]) {
  const decodes: number[] = [];
  const shelved = windows.map(({ startMs, endMs }) => ({ startMs, endMs }) as ShelvedWindow);
  const decode = (window: ShelvedWindow): ProfileWindow => {
    decodes.push(window.startMs);
    return windows[shelved.indexOf(window)]!;
  };
  return { shelved, decodes, of: { tables: new ProfileTables(), decode } };
}

it('puts each sample into its slice of the clock, from whole second to whole second', () => {
  const { shelved, of } = held([
    windowOf(1500, 1e7, [
      [0, 7],
      [50, 7],
    ]),
    windowOf(2500, 1e7, [[10, 8]]),
  ]);
  const heat = new CpuHeatSum().of(of, shelved, QUERY)!;
  expect(heat.firstSlice).toBe(100);
  expect(heat.counts.length).toBe(300);
  const found = [...heat.counts.entries()].filter(([, count]) => count > 0 && count !== NO_SLICE_DATA);
  expect(found).toEqual([
    [50, 2],
    [100, 2],
    [160, 2],
  ]);
  // Before the first window and after the last nothing was measured, between them nothing ran.
  expect(heat.counts[49]).toBe(NO_SLICE_DATA);
  expect(heat.counts[51]).toBe(0);
  expect(heat.counts[299]).toBe(NO_SLICE_DATA);
});

it('counts a window once, and anew when others are asked for', () => {
  const { shelved, decodes, of } = held([
    windowOf(0, 1e7, [
      [1, 7],
      [2, 8],
    ]),
  ]);
  const sum = new CpuHeatSum();
  sum.of(of, shelved, QUERY);
  sum.of(of, shelved, QUERY);
  expect(decodes).toEqual([0]);
  const heat = sum.of(of, shelved, { ...QUERY, tgids: [8] })!;
  expect([heat.counts[1], heat.counts[2]]).toEqual([0, 2]);
});

it('leaves a gap where a window was not sampled, and is nothing where none was', () => {
  const { shelved, of } = held([windowOf(0, 1e7, [[1, 7]]), windowOf(1000, 0, []), windowOf(2000, 1e7, [])]);
  const heat = new CpuHeatSum().of(of, shelved, QUERY)!;
  expect(heat.counts[150]).toBe(NO_SLICE_DATA);
  expect(heat.counts[250]).toBe(0);
  const unsampled = held([windowOf(0, 0, [])]);
  expect(new CpuHeatSum().of(unsampled.of, unsampled.shelved, QUERY)).toBeNull();
});
