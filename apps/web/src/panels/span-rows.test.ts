import {
  appendThread,
  emptyWindow,
  ProfileTables,
  type ProfileWindow,
  type WindowSpan,
} from '@stallscope/profile';
import { expect, it } from 'vitest';
import { WindowShelf } from '../live/window-shelf';
import { revisionOf, SpanRows } from './span-rows';

/** Windows of a second, in which thread 1 was blocked for `n + 1` ns and thread 2 for ten times that. */
function held() {
  const shelf = new WindowShelf(new ProfileTables());
  return {
    decoded: 0,
    get tables() {
      return shelf.tables;
    },
    get shelved() {
      return shelf.windows;
    },
    decode(window: (typeof shelf.windows)[number]) {
      this.decoded++;
      return shelf.decode(window);
    },
    add(n: number) {
      const window = emptyWindow({ sequence: n, startMs: n * 1000, endMs: n * 1000 + 1000 });
      for (const [tid, times] of [
        [1, 1],
        [2, 10],
      ] as const) {
        appendThread(window.threads, {
          tgid: tid,
          tid,
          comm: 0,
          blockedNs: (n + 1) * times,
          ...{ runqNs: 0, preemptedNs: 0, onCpuNs: 0, blockedCount: 1, runqCount: 0, preemptedCount: 0 },
        });
      }
      shelf.addDecoded(window);
    },
  };
}

const last = (toMs: number, lengthMs: number) => ({ fromMs: toMs - lengthMs, toMs });
const blocked = (span: WindowSpan): number => span.threads().blockedNs.reduce((sum, ns) => sum + ns, 0);

it('is the sum of exactly the windows of the stretch, wherever it was before', () => {
  const windows = held();
  const rows = new SpanRows({ isOfLives: false });
  for (let n = 0; n < 10; n++) windows.add(n);
  const sum = (...seconds: number[]): number => seconds.reduce((total, n) => total + (n + 1) * 11, 0);
  expect(blocked(rows.slideTo(windows, last(3000, 3000)))).toBe(sum(0, 1, 2));
  expect(blocked(rows.slideTo(windows, last(4000, 3000)))).toBe(sum(1, 2, 3));
  expect(blocked(rows.slideTo(windows, last(10_000, 2000)))).toBe(sum(8, 9));
  expect(blocked(rows.slideTo(windows, last(20_000, 2000)))).toBe(0);
});

it('decodes each window once as it comes and once as it leaves, and none while nothing moves', () => {
  const windows = held();
  const rows = new SpanRows({ isOfLives: false });
  for (let n = 0; n < 10; n++) windows.add(n);
  rows.slideTo(windows, last(9000, 5000));
  expect(windows.decoded).toBe(5);
  rows.slideTo(windows, last(10_000, 5000));
  expect(windows.decoded).toBe(7);
  rows.slideTo(windows, last(10_000, 5000));
  expect(windows.decoded).toBe(7);
});

it('sums the part of the windows that is asked for, and begins anew for another', () => {
  const windows = held();
  const rows = new SpanRows({ isOfLives: false });
  for (let n = 0; n < 3; n++) windows.add(n);
  const without = {
    key: 'without threads',
    of: (window: ProfileWindow) => ({ ...window, threads: emptyWindow().threads }),
  };
  expect(blocked(rows.slideTo(windows, last(3000, 3000)))).toBe(66);
  expect(blocked(rows.slideTo(windows, last(3000, 3000), without))).toBe(0);
  expect(blocked(rows.slideTo(windows, last(2000, 2000), without))).toBe(0);
  expect(blocked(rows.slideTo(windows, last(2000, 2000)))).toBe(33);
});

it('names the windows of a stretch, and so what need not be made again', () => {
  const windows = held();
  for (let n = 0; n < 3; n++) windows.add(n);
  const before = revisionOf(windows, last(2000, 2000));
  windows.add(3);
  expect(revisionOf(windows, last(2000, 2000))).toBe(before);
  expect(revisionOf(windows, last(4000, 2000))).not.toBe(before);
});
