import { describe, expect, test } from 'vitest';
import { formatNs, readDurationNs } from './duration.js';
import { findNearest } from './nearest.js';

describe('durations', () => {
  test.each([
    ['5', 5e9],
    ['5s', 5e9],
    ['2.5s', 2.5e9],
    ['1ms', 1e6],
    ['100us', 1e5],
    ['100µs', 1e5],
    ['0', 0],
    ['0.1ms', 1e5],
    ['15m', 900e9],
    ['1h', 3600e9],
  ])('%s', (text, ns) => expect(readDurationNs(text)).toBe(ns));
  test.each([
    '',
    's',
    '-1',
    '1 s',
    '1e3',
    '.5s',
    '5.',
    '1sec',
    '0x10',
    '5S',
    'five',
    '1ms2',
    ' 1',
    'Infinity',
    '9'.repeat(13),
  ])('refuses %j', (text) => expect(readDurationNs(text)).toBeUndefined());
  test.each([
    [0, '0 s'],
    [41_234_000_000, '41.2 s'],
    [380_000, '380 µs'],
    [7_000_000, '7.00 ms'],
    [999_960_000, '1.00 s'],
    [412, '412 ns'],
    [123_456_000_000, '123 s'],
  ])('%d ns is written %s', (ns, text) => expect(formatNs(ns)).toBe(text));
});

describe('nearest', () => {
  test.each([
    ['chian', 'chain'],
    ['off_cpu', 'off-cpu'],
    ['WAKEUP', 'wakeup'],
    ['offwake', 'off-wake'],
    ['xyzzy', undefined],
  ])('%s → %s', (word, nearest) =>
    expect(findNearest(word, ['off-cpu', 'wakeup', 'off-wake', 'chain'])).toBe(nearest),
  );
});
