import { describe, expect, test } from 'vitest';
import { contrastOf } from './contrast.js';
import { paletteOf, THEMES } from './palette.js';
import { SERIES_COLOURS, seriesColour, seriesDash } from './series-colours.js';
import { mostOf, readingAt, runsOf, stackOf, steppedReading } from './series-shape.js';

/** [0 1) [1 2) [5 6) [6 7) s */
const readings = {
  startMs: Float64Array.of(0, 1000, 5000, 6000),
  endMs: Float64Array.of(1000, 2000, 6000, 7000),
};
const NONE = Number.NaN;

describe('an instant', () => {
  test('has the reading whose stretch it is in: its start is in it, its end is not', () => {
    expect([0, 999, 1000, 1999, 5000, 6999].map((atMs) => readingAt(readings, atMs))).toEqual([
      0, 0, 1, 1, 2, 3,
    ]);
  });

  test('in a gap, before the first and after the last has none', () => {
    expect([-1, 2000, 4999, 7000].map((atMs) => readingAt(readings, atMs))).toEqual([-1, -1, -1, -1]);
  });

  test('goes by key to the next reading, over a gap and never beyond the ends', () => {
    expect(steppedReading(readings, 1500, 1)).toBe(2);
    expect(steppedReading(readings, 5500, -1)).toBe(1);
    expect(steppedReading(readings, 3000, 1)).toBe(2);
    expect(steppedReading(readings, 3000, -1)).toBe(1);
    expect(steppedReading(readings, 6500, 10)).toBe(3);
    expect(steppedReading(readings, 6500, Number.NEGATIVE_INFINITY)).toBe(0);
    expect(steppedReading(readings, null, -1)).toBe(3);
    expect(steppedReading({ startMs: new Float64Array(), endMs: new Float64Array() }, 3, 1)).toBe(-1);
  });
});

test('a line breaks at a gap of the clock and where a series has no reading', () => {
  expect(runsOf(readings, Float64Array.of(1, 2, 3, 4))).toEqual([
    [0, 1],
    [2, 3],
  ]);
  expect(runsOf(readings, Float64Array.of(1, NONE, NONE, 4))).toEqual([
    [0, 0],
    [3, 3],
  ]);
});

test('a stack adds what was read, and is nothing only where nothing was', () => {
  const [first, second] = stackOf([
    { name: 'a', values: Float64Array.of(1, NONE, NONE, 4) },
    { name: 'b', values: Float64Array.of(1, 2, NONE, 0) },
  ]);
  expect([...first!]).toEqual([1, 0, NONE, 4]);
  expect([...second!]).toEqual([2, 2, NONE, 4]);
});

test('the scale is of what is drawn, not of what is held', () => {
  const edges = [Float64Array.of(100, 2, 3, NONE)];
  expect(mostOf(readings, edges, { fromMs: 1000, toMs: 7000 })).toBe(3);
  expect(mostOf(readings, edges, { fromMs: 500, toMs: 7000 })).toBe(100);
  expect(mostOf(readings, [], { fromMs: 0, toMs: 7000 })).toBe(0);
});

test('every series is seen on the surface, and two beside each other differ in dash or colour', () => {
  for (const theme of THEMES) {
    const colours = Array.from({ length: SERIES_COLOURS }, (_, index) => seriesColour(theme, index));
    for (const colour of colours)
      expect(contrastOf(colour, paletteOf(theme).surface), `${theme} ${colour}`).toBeGreaterThanOrEqual(3);
    expect(new Set(colours).size).toBe(SERIES_COLOURS);
  }
  const looks = Array.from({ length: SERIES_COLOURS }, (_, index) => seriesDash(index).join(' '));
  for (let index = 1; index < 4; index++) expect(looks[index]).not.toBe(looks[index - 1]);
});
