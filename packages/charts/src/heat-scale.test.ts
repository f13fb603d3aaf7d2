import { expect, test } from 'vitest';
import { coloursOf, HEAT_SCALES, stepOfCount, toHeatScale } from './heat-scale.js';
import { HEAT_STEPS, heatRamp, THEMES } from './palette.js';

test('every count has a step, more never a lower one, and a step stands for the counts that its bounds say', () => {
  for (const name of HEAT_SCALES) {
    for (const most of [0, 1, 2, 5, 9, 10, 37, 999, 1_234_567]) {
      const scale = toHeatScale(most, name);
      expect(scale.upTo.at(-1)).toBeGreaterThanOrEqual(Math.max(1, most));
      for (let count = 1; count <= Math.min(most, 4000); count++) {
        const step = stepOfCount(scale, count);
        expect(count).toBeLessThanOrEqual(scale.upTo[step]!);
        if (step > 0) expect(count).toBeGreaterThan(scale.upTo[step - 1]!);
      }
    }
  }
});

test('few counts have a step each; by factors a few of many are told apart where linear they are not', () => {
  expect(toHeatScale(3, 'log').upTo).toEqual(toHeatScale(3, 'linear').upTo);
  const log = toHeatScale(10_000, 'log');
  const linear = toHeatScale(10_000, 'linear');
  expect(stepOfCount(log, 1)).toBeLessThan(stepOfCount(log, 30));
  expect(stepOfCount(linear, 1)).toBe(stepOfCount(linear, 30));
});

test('the end of the scale stands still while the most wavers', () => {
  expect(toHeatScale(83, 'log').upTo).toEqual(toHeatScale(88, 'log').upTo);
});

test('the most has the strongest colour, however few steps there are', () => {
  for (const theme of THEMES) {
    for (const most of [1, 2, 4, 500]) {
      const colours = coloursOf(toHeatScale(most, 'log'), theme);
      expect(colours.at(-1)).toBe(heatRamp(theme)[HEAT_STEPS - 1]);
      expect(new Set(colours).size).toBe(colours.length);
    }
  }
});
