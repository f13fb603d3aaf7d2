import { describe, expect, it } from 'vitest';
import { coveredRange } from './covered-range';

/** Windows of 1 s, by the second in which they start. */
function strip(...seconds: number[]) {
  return {
    startMs: Float64Array.from(seconds, (second) => second * 1000),
    endMs: Float64Array.from(seconds, (second) => second * 1000 + 1000),
  };
}

describe('coveredRange', () => {
  it('begins where windows begin, and says that nothing older is held', () => {
    const shown = { fromMs: -800_000, toMs: 103_000, coveredMs: 3000 };
    expect(coveredRange(strip(100, 101, 102), shown)).toEqual({
      fromMs: 100_000,
      toMs: 103_000,
      isCutAtStart: true,
      missingMs: 0,
    });
  });

  it('is the stretch itself where windows fill it; those outside of it count for nothing', () => {
    const shown = { fromMs: 11_000, toMs: 13_000, coveredMs: 2000 };
    expect(coveredRange(strip(9, 10, 11, 12, 13), shown)).toEqual({
      fromMs: 11_000,
      toMs: 13_000,
      isCutAtStart: false,
      missingMs: 0,
    });
  });

  it('tells of time inside that no window covers', () => {
    const shown = { fromMs: 10_000, toMs: 20_000, coveredMs: 5000 };
    expect(coveredRange(strip(8, 10, 11, 17, 18, 19), shown)).toMatchObject({
      fromMs: 10_000,
      toMs: 20_000,
      missingMs: 5000,
    });
  });

  it('does not call a gap at the start the end of what is held, nor an edge within a window a gap', () => {
    expect(coveredRange(strip(5, 13, 14), { fromMs: 10_000, toMs: 15_000, coveredMs: 2000 })).toMatchObject({
      fromMs: 13_000,
      isCutAtStart: false,
    });
    expect(coveredRange(strip(10, 11), { fromMs: 9700, toMs: 12_000, coveredMs: 2000 })).toMatchObject({
      isCutAtStart: false,
      missingMs: 0,
    });
  });

  it('is nothing without a window in the stretch', () => {
    expect(coveredRange(strip(1, 2), { fromMs: 5000, toMs: 9000, coveredMs: 0 })).toBeNull();
    expect(coveredRange(strip(), { fromMs: 0, toMs: 9000, coveredMs: 0 })).toBeNull();
  });
});
