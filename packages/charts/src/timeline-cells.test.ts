import { type ThreadTimeline, toThreadTimeline } from '@stallscope/profile';
import { describe, expect, test } from 'vitest';
import { bandEdges, cellStretch, columnAt, stretchOf } from './timeline-cells.js';

/** Seconds 10, 11 and 14, one thread. */
function timeline(): ThreadTimeline {
  const empty = toThreadTimeline({
    ...{ tgid: 7, fromMs: 10_000, toMs: 15_000, windows: [], columns: [], strings: [] },
    hasCounters: () => true,
  });
  return {
    ...empty,
    startMs: Float64Array.of(10_000.4, 11_000, 14_000),
    endMs: Float64Array.of(11_000, 12_000, 15_000.2),
    tid: Int32Array.of(8),
    name: ['worker'],
    bornMs: Float64Array.of(10_600),
    diedMs: Float64Array.of(Number.NaN),
    isInOneWindow: Uint8Array.of(0),
    lifeNs: Float32Array.from([0, 0, 0, 4e8, 5e8, 1e8, 0, 4e8, 0, 0, 0, 0]),
  };
}

describe('cells of a timeline', () => {
  test('are as wide as the thread lived, and none where it did not', () => {
    expect(cellStretch(timeline(), 0, 0)).toEqual({ fromMs: 10_600, toMs: 11_000 });
    expect(cellStretch(timeline(), 0, 1)).toEqual({ fromMs: 11_000, toMs: 12_000 });
    expect(cellStretch(timeline(), 0, 2)).toBeNull();
  });

  test('are filled from the foot: on CPU, blocked, run queue, preempted', () => {
    const second = { fromMs: 0, toMs: 1000 };
    expect(bandEdges(Float32Array.of(5e8, 1e8, 0, 4e8), second, 20)).toEqual([0, 8, 18, 20, 20]);
    // A clock that is some microseconds off leaves no line at the top.
    expect(bandEdges(Float32Array.of(0, 0, 0, 9.99e8), second, 20)).toEqual([0, 20, 20, 20, 20]);
    // Lived for a part of it, when is not known: as high as that part.
    expect(bandEdges(Float32Array.of(0, 0, 0, 4.9e8), second, 20).at(-1)).toBe(10);
    expect(bandEdges(Float32Array.of(0, 0, 0, 1000), second, 20).at(-1)).toBe(1);
  });

  test('an instant is in its column, or in the nearest', () => {
    expect([9000, 10_500, 11_000, 12_500, 13_500, 16_000].map((ms) => columnAt(timeline(), ms))).toEqual([
      0, 0, 1, 1, 2, 2,
    ]);
  });

  test('a stretch is of whole columns, whichever way it was drawn', () => {
    expect(stretchOf(timeline(), 2, 0)).toEqual({ fromMs: 10_000, toMs: 15_001 });
  });
});
