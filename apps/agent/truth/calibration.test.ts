import { describe, expect, test } from 'vitest';
import { type Estimate, toCalibration } from './calibration.js';
import { drawsOf } from './seed.js';

const TAU = 1_000;

/** What the probe does, in arithmetic: each wait taken with probability length/τ, and counted as τ. */
function sampled(seed: number, cells: number, weigh: (length: number) => number = () => TAU): Estimate[] {
  const draws = drawsOf(seed, 'calibration');
  return Array.from({ length: cells }, () => {
    const sum: Estimate = { truth: 0, estimate: 0, variance: 0 };
    for (let i = 0; i < 400; i++) {
      const length = draws.between(50, 900);
      sum.truth += length;
      if (draws.between(1, TAU) > length) continue;
      sum.estimate += weigh(length);
      sum.variance += TAU * (TAU - length);
    }
    return sum;
  });
}

describe('the estimator of the probe', () => {
  test('is unbiased and states its own error', () => {
    const calibration = toCalibration(sampled(1, 2_000));
    expect(Math.abs(calibration.biasInErrors)).toBeLessThan(3);
    expect(calibration.spread).toBeGreaterThan(0.85);
    expect(calibration.spread).toBeLessThan(1.15);
  });

  test('a weight that is 3 % off shows as a bias, an error stated too small or large as a spread', () => {
    const biased = toCalibration(sampled(2, 200, () => 1.03 * TAU));
    expect(biased.biasInErrors).toBeGreaterThan(3);
    const right = sampled(3, 200);
    const bold = right.map((one) => ({ ...one, variance: one.variance / 2 }));
    const timid = right.map((one) => ({ ...one, variance: one.variance * 3 }));
    expect(toCalibration(bold).spread).toBeGreaterThan(1.5);
    expect(toCalibration(timid).spread).toBeLessThan(0.5);
  });
});

test('an estimate without a stated error is refused', () => {
  expect(() => toCalibration([{ truth: 1, estimate: 1, variance: 0 }])).toThrow(/states no error/);
});
