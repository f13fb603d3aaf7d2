import { appendThread, emptyWindow, ProfileTables, type ProfileWindow } from '@stallscope/profile';
import { describe, expect, it } from 'vitest';
import type { ShelvedWindow } from '../live/window-shelf';
import { type TimelineAsk, TimelineSum } from './timeline-sum';

const QUERY = { view: 'wall', kinds: ['blocked'], tgids: [7] } as const satisfies TimelineAsk['query'];
const NOTHING = {
  ...{ blockedNs: 0, runqNs: 0, preemptedNs: 0, onCpuNs: 0 },
  ...{ blockedCount: 0, runqCount: 0, preemptedCount: 0 },
};

function secondOf(second: number, tids = [7, 8]): ProfileWindow {
  const window = emptyWindow({ sequence: second, startMs: second * 1000, endMs: (second + 1) * 1000 });
  for (const tid of tids) {
    appendThread(window.threads, { tgid: 7, tid, comm: 0, ...NOTHING, blockedInWindowNs: 1e9 });
  }
  return window;
}

/** The windows as a shelf has them, and how often each was decoded. */
function held(windows: ProfileWindow[]) {
  const decodes: number[] = [];
  const shelved = windows.map(
    ({ startMs, endMs, sequence }) => ({ startMs, endMs, sequence }) as ShelvedWindow,
  );
  return {
    tables: new ProfileTables(),
    shelved,
    decodes,
    decode(window: ShelvedWindow): ProfileWindow {
      decodes.push(window.startMs / 1000);
      return windows.find(({ startMs }) => startMs === window.startMs)!;
    },
  };
}

function ask(fromMs: number, toMs: number, change: Partial<TimelineAsk> = {}): TimelineAsk {
  return { query: QUERY, shown: { fromMs, toMs }, isChosen: false, frameMs: 5000, ...change };
}

const NO_THREADS = emptyWindow({}).threads;

describe('which windows a timeline is of', () => {
  const minute = (): ProfileWindow[] => Array.from({ length: 60 }, (_, second) => secondOf(second));

  it('follows what is shown, and decodes each window once', () => {
    const windows = held(minute());
    const sum = new TimelineSum();
    expect([...sum.of(windows, ask(10_000, 15_000), NO_THREADS)!.startMs]).toEqual([
      10_000, 11_000, 12_000, 13_000, 14_000,
    ]);
    sum.of(windows, ask(11_000, 16_000), NO_THREADS);
    expect(windows.decodes).toEqual([10, 11, 12, 13, 14, 15]);
  });

  it('stands still where a stretch is chosen in it, and makes a frame around one that lies elsewhere', () => {
    const windows = held(minute());
    const sum = new TimelineSum();
    const frameOf = (fromMs: number, toMs: number, isChosen = true) => {
      const timeline = sum.of(windows, ask(fromMs, toMs, { isChosen }), NO_THREADS)!;
      return [timeline.fromMs, timeline.toMs];
    };
    expect(frameOf(10_000, 15_000, false)).toEqual([10_000, 15_000]);
    expect(frameOf(12_000, 13_000)).toEqual([10_000, 15_000]);
    expect(frameOf(14_000, 15_000)).toEqual([10_000, 15_000]);
    expect(frameOf(30_000, 31_000)).toEqual([28_000, 33_000]);
    // At an end of what is held it reaches the other way.
    expect(frameOf(59_000, 60_000)).toEqual([55_000, 60_000]);
    expect(new TimelineSum().of(windows, ask(0, 1000, { isChosen: true }), NO_THREADS)!.toMs).toBe(5000);
    // A stretch longer than a frame is its own.
    expect(frameOf(20_000, 40_000)).toEqual([20_000, 40_000]);
  });

  it('is all that is held of a still', () => {
    const timeline = new TimelineSum().of(
      held(minute()),
      ask(10_000, 15_000, { isChosen: true, frameMs: Number.POSITIVE_INFINITY }),
      NO_THREADS,
    )!;
    expect([timeline.fromMs, timeline.toMs, timeline.startMs.length]).toEqual([0, 60_000, 60]);
  });

  it('sums anew where an older window of a column comes late', () => {
    const windows = Array.from({ length: 480 }, (_, second) => secondOf(second));
    const all = { isChosen: false, shown: { fromMs: 0, toMs: 480_000 } };
    const whole = new TimelineSum().of(held(windows), { ...ask(0, 0), ...all }, NO_THREADS)!;
    const late = held(windows);
    const missing = late.shelved.splice(100, 1);
    const sum = new TimelineSum();
    sum.of(late, { ...ask(0, 0), ...all }, NO_THREADS);
    late.shelved.splice(100, 0, ...missing);
    const again = sum.of(late, { ...ask(0, 0), ...all }, NO_THREADS)!;
    expect(again.lifeNs).toEqual(whole.lifeNs);
    expect(again.gaps).toEqual([]);
  });

  it('says of each row what it was at in the stretch that is shown', () => {
    const shown = secondOf(1, [8]).threads;
    const timeline = new TimelineSum().of(held(minute()), ask(1000, 2000), shown)!;
    expect([...timeline.tid]).toEqual([7, 8]);
    expect([...timeline.shownNs[0]!]).toEqual([0, 1e9]);
  });

  it('is nothing without a process', () => {
    const { tgids, ...everybody } = QUERY;
    expect(new TimelineSum().of(held(minute()), ask(0, 1000, { query: everybody }), NO_THREADS)).toBeNull();
  });
});
