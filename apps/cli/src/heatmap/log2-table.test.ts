import { BUCKETS, bucketOf } from '@stallscope/latency';
import { describe, expect, test } from 'vitest';
import { toLog2Rows, toLog2Table } from './log2-table.js';

function countsOf(...lengthsNs: number[]): Float64Array {
  const counts = new Float64Array(BUCKETS);
  for (const ns of lengthsNs) counts[bucketOf(ns)]! += 1;
  return counts;
}

describe('the table of a histogram', () => {
  test('is that of the bcc tools, to the character', () => {
    const counts = countsOf(300, 999, 1_500, 2_000, 3_999, 3_999, 3_999, 9_000);
    // As bcc's print_log2_hist prints it.
    expect(toLog2Table(counts, 'us')).toEqual([
      '     usecs               : count    distribution',
      '         0 -> 1          : 3        |******************************          |',
      '         2 -> 3          : 4        |****************************************|',
      '         4 -> 7          : 0        |                                        |',
      '         8 -> 15         : 1        |**********                              |',
    ]);
  });

  test('of each length, in microseconds, is in the row that holds it', () => {
    for (let us = 2; us < 5_000; us++) {
      const row = toLog2Rows(countsOf(us * 1_000 + 500), 'us').at(-1)!;
      expect(row.from, `${us} µs`).toBeLessThanOrEqual(us);
      expect(row.to, `${us} µs`).toBeGreaterThanOrEqual(us);
    }
  });

  test('in milliseconds counts the same, in rows that are 2.4 % off at most', () => {
    for (const ms of [0.2, 1, 5, 30, 100, 1_500]) {
      const row = toLog2Rows(countsOf(ms * 1e6), 'ms').at(-1)!;
      expect(row.count).toBe(1);
      expect(row.from, `${ms} ms`).toBeLessThanOrEqual(ms);
      expect(row.to + 1, `${ms} ms`).toBeGreaterThanOrEqual(ms);
    }
  });

  test('of nothing is nothing, and a row of the longest there is ends nowhere odd', () => {
    expect(toLog2Table(countsOf(), 'us')).toEqual([]);
    expect(toLog2Rows(countsOf(2 ** 52), 'us').at(-1)!.from).toBe(2 ** 29);
  });
});
