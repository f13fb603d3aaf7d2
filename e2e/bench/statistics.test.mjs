import { expect, test } from 'vitest';
import { complaintsAbout } from './soundness.mjs';
import { addedOf, ratioOf, spreadOf } from './statistics.mjs';

test('median and quartiles, of few and of even numbers of values', () => {
  expect(spreadOf([5])).toEqual({ median: 5, q1: 5, q3: 5, count: 1 });
  expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, q1: 1.75, q3: 3.25, count: 4 });
  expect(spreadOf([30, 10, 20, 50, 40])).toEqual({ median: 30, q1: 20, q3: 40, count: 5 });
  expect(() => spreadOf([])).toThrow('no values');
});

test('differences and ratios are taken round by round, so drift of the machine falls out', () => {
  const ours = addedOf([
    { nothing: 100, loaded: 110 },
    { nothing: 1000, loaded: 1100 },
    { nothing: 500, loaded: 550 },
  ]);
  expect(ours).toEqual([10, 100, 50]);
  expect(ratioOf(ours, [100, 1000, 500])).toEqual({ median: 0.1, q1: 0.1, q3: 0.1, count: 3 });
});

test('a number that is none, a negative time and an empty table are complaints, a negative difference is not', () => {
  expect(
    complaintsAbout({ rows: [{ seconds: 1, addedNs: { median: -3, q1: -4 }, name: 'x', tau: null }] }),
  ).toEqual([]);
  expect(
    complaintsAbout({ a: Number.NaN, b: [{ c: -1 }], d: [], e: undefined, addedNs: { median: 1 / 0 } }),
  ).toEqual([
    'results.a is NaN',
    'results.b.0.c is negative: -1',
    'results.d is empty',
    'results.e is missing',
    'results.addedNs.median is Infinity',
  ]);
});
