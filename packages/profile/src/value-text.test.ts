import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatBytes,
  formatChange,
  formatCount,
  formatExactNs,
  formatExactValue,
  formatNs,
  formatPercent,
  formatRate,
  formatTimeRate,
  formatValue,
} from './value-text.js';

describe('formatNs', () => {
  test.each([
    [0, '0 s'],
    [1, '1 ns'],
    [999, '999 ns'],
    [999.7, '1.00 µs'],
    [1000, '1.00 µs'],
    [380_000, '380 µs'],
    [999_400, '999 µs'],
    [999_600, '1.00 ms'],
    [9_996_000, '10.0 ms'],
    [9_994_000, '9.99 ms'],
    [99_960_000, '100 ms'],
    [41_234_567_890, '41.2 s'],
    [999_600_000_000, '16 min 40 s'],
    [1_000_000_000_000, '16 min 40 s'],
    [7_500_000_000_000, '2 h 5 min'],
    [1_800_000_000_000_000, '500 h'],
    [-2_500_000, '−2.50 ms'],
    [Number.NaN, '–'],
  ])('%d is %s', (ns, text) => expect(formatNs(ns)).toBe(text));

  test('never loses a value between units: what it writes is within half of its last figure', () => {
    const unitNs: Record<string, number> = { ns: 1, µs: 1e3, ms: 1e6, s: 1e9 };
    fc.assert(
      fc.property(fc.double({ min: 1, max: 999e9, noNaN: true }), (ns) => {
        const [figures, unit] = formatNs(ns).split(' ') as [string, string];
        const size = unitNs[unit]!;
        const decimals = figures.split('.')[1]?.length ?? 0;
        expect(Math.abs(Number(figures) * size - ns)).toBeLessThanOrEqual(size * 10 ** -decimals * 0.5000001);
      }),
    );
  });
});

test.each([
  [0, '0 ns'],
  [12, '12 ns'],
  [1500, '1.500 µs'],
  [41_234_567_890, '41.234 567 890 s'],
  [12_345_000_000_001, '12 345.000 000 001 s'],
])('formatExactNs(%d) is %s', (ns, text) =>
  expect(formatExactNs(ns)).toBe(text.replaceAll(/(?<=\d) (?=\d)/g, '\u202f')),
);

test.each([
  [0, '0'],
  [980, '980'],
  [999.6, '1.0 k'],
  [1234, '1.2 k'],
  [12_340, '12.3 k'],
  [123_400, '123 k'],
  [999_600, '1.0 M'],
  [5e15, '5.0e+15'],
])('formatCount(%d) is %s', (count, text) => expect(formatCount(count)).toBe(text));

test.each([
  [1234, '1.2 k/s'],
  [0.25, '0.3/s'],
  [3, '3/s'],
])('formatRate(%d) is %s', (rate, text) => expect(formatRate(rate)).toBe(text));

test.each([
  [0, '0 s/s'],
  [380_000, '380 µs/s'],
  [12.3e9, '12.3 s/s'],
  [999.6e9, '1\u202f000 s/s'],
  [1675e9, '1\u202f675 s/s'],
  [Number.NaN, '–'],
])('formatTimeRate(%d) is %s: seconds a second, however many', (rate, text) =>
  expect(formatTimeRate(rate)).toBe(text),
);

test.each([
  [0, '0 %'],
  [0.0001, '< 0.1 %'],
  [0.124, '12.4 %'],
  [0.9996, '> 99.9 %'],
  [1, '100 %'],
  [1.008, '100.8 %'],
])('formatPercent(%d) is %s', (share, text) => expect(formatPercent(share)).toBe(text));

test.each([
  [0, '0 B'],
  [512, '512 B'],
  [1536, '1.50 KiB'],
  [1023 * 1024, '1023 KiB'],
  [300 * 2 ** 20, '300 MiB'],
])('formatBytes(%d) is %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

describe('values of a tree', () => {
  test.each([
    [1.5e9, 'nanoseconds', '1.50 s', '1.500 000 000 s', '+1.50 s'],
    [1234567, 'count', '1.2 M', '1 234 567', '+1.2 M'],
    [-1536, 'bytes', '−1.50 KiB', '−1 536 B', '−1.50 KiB'],
    [0, 'bytes', '0 B', '0 B', '0 B'],
    [Number.NaN, 'count', '–', '–', '–'],
  ] as const)('%d %s', (value, unit, short, exact, change) => {
    expect(formatValue(value, unit)).toBe(short);
    expect(formatExactValue(value, unit)).toBe(exact);
    expect(formatChange(value, unit)).toBe(change);
  });
});
