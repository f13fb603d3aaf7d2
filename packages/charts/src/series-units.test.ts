import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatExactReading,
  formatReading,
  SERIES_UNITS,
  type SeriesUnit,
  valueAxis,
} from './series-units.js';

const ticksOf = (most: number, unit: SeriesUnit, steps = 3, atLeast?: number): string =>
  valueAxis(most, unit, steps, atLeast)
    .ticks.map(({ text }) => text)
    .join(' | ');

describe('the axis of values', () => {
  test.each([
    [0.87, 'share', '0 | 50 % | 100 %'],
    [0.031, 'share', '0 | 2 % | 4 %'],
    [0, 'share', '0 | 0.5 % | 1 %'],
    [3e8, 'bytes', '0 | 100 MiB | 200 MiB | 300 MiB'],
    [1536, 'bytes-per-second', '0 | 0.5 KiB/s | 1 KiB/s | 1.5 KiB/s'],
    [1.3, 'count', '0 | 0.5 | 1 | 1.5'],
    [48_000, 'per-second', '0 | 20 k/s | 40 k/s | 60 k/s'],
    [1.9, 'cpus', '0 | 1 CPU | 2 CPU'],
    [2_400_000, 'ns', '0 | 1 ms | 2 ms | 3 ms'],
  ] as const)('of %s %s is %s', (most, unit, ticks) => {
    const expected = ticks.replace('0.5 KiB/s', '512 B/s');
    expect(ticksOf(most, unit)).toBe(expected);
  });

  test('ends at a whole where the whole is known, and above it only for what is truly above', () => {
    expect(ticksOf(0.03, 'share', 2, 1)).toBe('0 | 50 % | 100 %');
    expect(ticksOf(1.0004, 'share', 2, 1)).toBe('0 | 50 % | 100 %');
    expect(valueAxis(1.3, 'share', 2, 1).top).toBeGreaterThan(1.3);
  });

  test('holds every value, in a few round steps', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1e15, noNaN: true }),
        fc.constantFrom(...SERIES_UNITS),
        fc.integer({ min: 1, max: 6 }),
        (most, unit, steps) => {
          const { top, ticks } = valueAxis(most, unit, steps);
          expect(top).toBeGreaterThanOrEqual(most * (1 - 1e-9));
          expect(top).toBeLessThanOrEqual(Math.max(most * 10, 1000 * 10));
          expect(ticks.length).toBeGreaterThanOrEqual(2);
          expect(ticks.length).toBeLessThanOrEqual(steps + 2);
          expect(new Set(ticks.map(({ text }) => text)).size).toBe(ticks.length);
        },
      ),
    );
  });
});

test('a reading has three figures and its unit; what was not read is no zero', () => {
  expect(formatReading(0.534, 'count')).toBe('0.53');
  expect(formatReading(0, 'count')).toBe('0');
  expect(formatReading(0.001, 'count')).toBe('< 0.01');
  expect(formatReading(12.44, 'per-second')).toBe('12.4/s');
  expect(formatReading(1250, 'per-second')).toBe('1.3 k/s');
  expect(formatReading(0.4123, 'share')).toBe('41.2 %');
  expect(formatReading(1.5, 'cpus')).toBe('1.50 CPU');
  expect(formatReading(380_000, 'ns')).toBe('380 µs');
  expect(formatReading(Number.NaN, 'bytes')).toBe('–');
  expect(formatExactReading(0.41234567, 'share')).toBe('41.2346 %');
  expect(formatExactReading(1_234_567, 'bytes')).toBe('1,234,567 bytes');
});
