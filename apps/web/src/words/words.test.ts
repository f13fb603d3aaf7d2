import { expect, it } from 'vitest';
import { plural, toAge, toClock, toDate, toUtc, toWaitRate } from './words';

it('puts times and amounts into words', () => {
  expect([toAge(-5), toAge(3000), toAge(180_000), toAge(7_300_000), toAge(200_000_000)]).toEqual([
    '0 s',
    '3 s',
    '3 min',
    '2 h',
    '2 d',
  ]);
  expect(toUtc(1_700_000_000_123)).toBe('2023-11-14 22:13:20.123 UTC');
  expect(toClock(1_700_000_000_123)).toMatch(/^\d\d:\d\d:20$/);
  expect(toDate(1_700_000_000_123)).toMatch(/^2023-11-1[45]$/);
  expect([plural(1, 'window'), plural(1200, 'window')]).toEqual(['1 window', '1,200 windows']);
  expect([toWaitRate(500e6, 250), toWaitRate(1, 0)]).toEqual(['2.00 s/s', '–']);
});
