import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  barsOf,
  gapsOf,
  movedEdge,
  scaleTop,
  type TimeStripWindow,
  wholeWindows,
  windowAt,
} from './time-bars.js';

const SECOND_NS = 1e9;
const windows: TimeStripWindow[] = [
  { startMs: 0, endMs: 1000, blockedNs: 2 * SECOND_NS },
  { startMs: 1000, endMs: 2000, blockedNs: 4 * SECOND_NS },
  { startMs: 5000, endMs: 6000, blockedNs: SECOND_NS },
];
const span = { fromMs: 0, toMs: 6000 };

test('windows become bars of their rate, and what is missing between them a gap', () => {
  expect(barsOf(windows, span, 60)).toEqual([
    { xPx: 0, widthPx: 10, nsPerSecond: 2 * SECOND_NS },
    { xPx: 10, widthPx: 10, nsPerSecond: 4 * SECOND_NS },
    { xPx: 50, widthPx: 10, nsPerSecond: SECOND_NS },
  ]);
  expect(gapsOf(windows, span, 60)).toEqual([{ xPx: 20, widthPx: 30 }]);
});

test('time before the first window and after the last is a gap too: nothing is known of it', () => {
  expect(gapsOf(windows.slice(0, 2), { fromMs: -1000, toMs: 4000 }, 50)).toEqual([
    { xPx: 0, widthPx: 10 },
    { xPx: 30, widthPx: 20 },
  ]);
  expect(gapsOf([], span, 60)).toEqual([{ xPx: 0, widthPx: 60 }]);
  expect(gapsOf(windows.slice(0, 2), { fromMs: 500, toMs: 1500 }, 60)).toEqual([]);
});

describe('the scale', () => {
  const barsOfRates = (rates: readonly number[]) =>
    rates.map((nsPerSecond, index) => ({ xPx: index, widthPx: 1, nsPerSecond }));

  test('is not flattened by one wait that ended after hours', () => {
    const usual = Array.from({ length: 59 }, (_, index) => 90 + (index % 11));
    expect(scaleTop(barsOfRates([...usual, 9000]))).toBe(120);
    expect(scaleTop(barsOfRates([10, 10, 10, 10, 10, 10, 9000]))).toBe(12);
  });

  test('reaches to the highest bar where none stands out, few are there, or none waited', () => {
    expect(scaleTop(barsOfRates([8, 9, 10, 11, 12, 13]))).toBe(13);
    expect(scaleTop(barsOfRates([1, 0, 0, 50]))).toBe(50);
    expect(scaleTop(barsOfRates([0, 0]))).toBe(0);
    expect(scaleTop([])).toBe(0);
  });

  test('does not take quiet windows for what is usual', () => {
    expect(scaleTop(barsOfRates([...Array.from({ length: 95 }, () => 0), 7, 7, 8, 8, 9]))).toBe(9);
  });
});

test('a short window of the same rate is as high as a long one', () => {
  const [bar] = barsOf([{ startMs: 0, endMs: 250, blockedNs: SECOND_NS / 2 }], span, 60);
  expect(bar?.nsPerSecond).toBe(2 * SECOND_NS);
});

test('windows that share a pixel show the highest of them', () => {
  expect(barsOf(windows, { fromMs: 0, toMs: 60_000 }, 10)).toEqual([
    { xPx: 0, widthPx: 1, nsPerSecond: 4 * SECOND_NS },
    { xPx: 1, widthPx: 1, nsPerSecond: SECOND_NS },
  ]);
});

test('windows outside the span are not drawn, one across its start is cut', () => {
  expect(barsOf(windows, { fromMs: 1500, toMs: 2500 }, 10)).toEqual([
    { xPx: 0, widthPx: 5, nsPerSecond: 4 * SECOND_NS },
  ]);
});

test('bars stay within the strip and apart from each other', () => {
  const someWindows = fc
    .array(
      fc.record({ gapMs: fc.nat(3000), lengthMs: fc.integer({ min: 1, max: 2000 }), blockedNs: fc.nat() }),
    )
    .map((list) => {
      let atMs = 0;
      return list.map(({ gapMs, lengthMs, blockedNs }) => {
        const startMs = atMs + gapMs;
        atMs = startMs + lengthMs;
        return { startMs, endMs: atMs, blockedNs };
      });
    });
  fc.assert(
    fc.property(
      someWindows,
      fc.nat(10_000),
      fc.integer({ min: 1, max: 60_000 }),
      fc.integer({ min: 1, max: 500 }),
      (list, fromMs, lengthMs, widthPx) => {
        const bars = barsOf(list, { fromMs, toMs: fromMs + lengthMs }, widthPx);
        for (const [index, bar] of bars.entries()) {
          expect(bar.xPx).toBeGreaterThanOrEqual(
            index === 0 ? 0 : bars[index - 1]!.xPx + bars[index - 1]!.widthPx,
          );
          expect(bar.xPx + bar.widthPx).toBeLessThanOrEqual(widthPx);
        }
      },
    ),
  );
});

describe('a selection', () => {
  test('finds the window of a time; a window holds its start, not its end', () => {
    expect(windowAt(windows, 999)).toBe(windows[0]);
    expect(windowAt(windows, 1000)).toBe(windows[1]);
    expect(windowAt(windows, 3000)).toBeUndefined();
    expect(windowAt(windows, 7000)).toBeUndefined();
  });

  test('is widened to whole windows, whichever way it was drawn', () => {
    expect(wholeWindows(windows, { fromMs: 1900, toMs: 300 })).toEqual({ fromMs: 0, toMs: 2000 });
    expect(wholeWindows(windows, { fromMs: 0, toMs: 1000 })).toEqual({ fromMs: 0, toMs: 1000 });
    expect(wholeWindows(windows, { fromMs: 3000, toMs: 4000 })).toEqual({ fromMs: 3000, toMs: 4000 });
  });

  test('moves by one edge and stays within the strip and at least a window long', () => {
    const selection = { fromMs: 1000, toMs: 2000 };
    expect(movedEdge(selection, 'from', -1000, span, 1000)).toEqual({ fromMs: 0, toMs: 2000 });
    expect(movedEdge(selection, 'from', -9000, span, 1000)).toEqual({ fromMs: 0, toMs: 2000 });
    expect(movedEdge(selection, 'from', 1000, span, 1000)).toEqual(selection);
    expect(movedEdge(selection, 'to', 9000, span, 1000)).toEqual({ fromMs: 1000, toMs: 6000 });
  });
});
