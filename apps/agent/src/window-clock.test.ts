import { describe, expect, test } from 'vitest';
import { WindowClock } from './window-clock.js';

const SECOND_NS = 1e9;

describe('the ends of windows', () => {
  test('are as far apart as the monotonic clock says, and follow each other, whatever a slewed clock reads', () => {
    const clock = new WindowClock(7 * SECOND_NS, 1_000_000);
    expect(clock.endWindow(8 * SECOND_NS, 1_001_003)).toEqual({ startMs: 1_000_000, endMs: 1_001_000 });
    expect(clock.endWindow(8.25 * SECOND_NS, 1_001_240)).toEqual({ startMs: 1_001_000, endMs: 1_001_250 });
  });

  test('follow a clock that was set, ahead or back', () => {
    const clock = new WindowClock(7 * SECOND_NS, 1_000_000);
    expect(clock.endWindow(8 * SECOND_NS, 4_000_000)).toEqual({ startMs: 3_999_000, endMs: 4_000_000 });
    expect(clock.endWindow(9 * SECOND_NS, 500_000)).toEqual({ startMs: 499_000, endMs: 500_000 });
    expect(clock.endWindow(10 * SECOND_NS, 501_010)).toEqual({ startMs: 500_000, endMs: 501_000 });
  });

  test('follow a slewed clock before it is far away', () => {
    const clock = new WindowClock(0, 0);
    let apartMs = 0;
    for (let second = 1; second <= 1000; second++) {
      const { startMs, endMs } = clock.endWindow(second * SECOND_NS, second * 1000.5);
      expect(endMs - startMs).toBeCloseTo(1000, 6);
      apartMs = Math.max(apartMs, Math.abs(endMs - second * 1000.5));
    }
    expect(apartMs).toBeLessThanOrEqual(20);
    expect(apartMs).toBeGreaterThan(10);
  });
});
