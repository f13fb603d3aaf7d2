import { CHAIN_ENDS, DURATION_BUCKETS, KINDS, ROW_KINDS, STATES } from '@stallscope/profile';
import { describe, expect, test } from 'vitest';
import {
  CHAIN_END,
  KIND,
  LIFE,
  ROW_KEY,
  ROW_VALUE,
  STATE_LETTER,
  THREAD_COUNTERS,
  THREAD_RECORD,
} from './sched-layout.generated.js';
import { readRows, readThreads } from './sched-records.js';

/** KIND_BLOCKED → blocked. */
function suffixes(values: Record<string, number>, prefix: string): string[] {
  return Object.entries(values)
    .filter(([name]) => !name.endsWith('_COUNT'))
    .sort(([, a], [, b]) => a - b)
    .map(([name]) => name.slice(prefix.length).toLowerCase());
}

describe('records of the scheduler probe', () => {
  test('use the codes of packages/profile', () => {
    expect(suffixes(KIND, 'KIND_')).toEqual([...KINDS]);
    expect(suffixes(LIFE, 'LIFE_').map((life) => life.replace('_', '-'))).toEqual([...ROW_KINDS]);
    expect(suffixes(CHAIN_END, 'CHAIN_')).toEqual([...CHAIN_ENDS]);
    expect(suffixes(STATE_LETTER, 'STATE_')).toHaveLength(STATES.length);
    expect([
      STATES[STATE_LETTER.STATE_SLEEPING],
      STATES[STATE_LETTER.STATE_DISK],
      STATES[STATE_LETTER.STATE_IDLE],
    ]).toEqual(['S', 'D', 'I']);
    expect((THREAD_COUNTERS.size - THREAD_COUNTERS.histogram) / 4 / KIND.KIND_COUNT).toBe(DURATION_BUCKETS);
  });

  test('a row is read from its places', () => {
    const keys = new Uint8Array(ROW_KEY.size);
    const values = new Uint8Array(ROW_VALUE.size);
    const key = new DataView(keys.buffer);
    key.setBigUint64(ROW_KEY.userStack, 0xffff_ffff_ffff_fff1n, true);
    key.setUint32(ROW_KEY.tgid, 4_000_000_000, true);
    key.setUint8(ROW_KEY.kind, 2);
    keys.set(new TextEncoder().encode('zwölf'), ROW_KEY.comm);
    const value = new DataView(values.buffer);
    value.setBigUint64(ROW_VALUE.captures, 3n, true);
    value.setBigUint64(ROW_VALUE.countQ10, 1536n, true);
    value.setBigUint64(ROW_VALUE.ns, 5_000_000_000n, true);
    const [row] = readRows(1, keys, values);
    expect(row).toMatchObject({
      userStack: 0xffff_ffff_ffff_fff1n,
      tgid: 4_000_000_000,
      comm: 'zwölf',
      kind: 2,
      captures: 3,
      count: 1.5,
      ns: 5_000_000_000,
    });
  });

  test('records without a histogram lie among whole ones', () => {
    const short = THREAD_RECORD.counters + THREAD_COUNTERS.histogram;
    const bytes = new Uint8Array(THREAD_RECORD.size + 2 * short);
    const view = new DataView(bytes.buffer);
    for (const [tid, at] of [short, 0, short + THREAD_RECORD.size].entries()) {
      view.setUint32(at + THREAD_RECORD.tid, tid, true);
      view.setUint8(at + THREAD_RECORD.isShort, tid === 0 ? 0 : 1);
      view.setBigUint64(
        at + THREAD_RECORD.counters + THREAD_COUNTERS.livedNs + 8 * LIFE.LIFE_ON_CPU,
        BigInt(tid),
        true,
      );
    }
    view.setUint32(short + THREAD_RECORD.counters + THREAD_COUNTERS.histogram + 4 * 13, 5, true);
    const threads = readThreads(bytes);
    expect(threads.map(({ tid }) => tid)).toEqual([1, 0, 2]);
    expect(threads.map(({ livedNs }) => livedNs[3])).toEqual([1, 0, 2]);
    expect(threads.map(({ histogram, histogramAt }) => histogram[histogramAt + 13])).toEqual([0, 5, 0]);
    expect(() => readThreads(bytes.subarray(0, bytes.length - 8))).toThrow(/rebuild/);
  });

  test('a record of another build is refused, not misread', () => {
    expect(() => readThreads(new Uint8Array(THREAD_RECORD.size + 1))).toThrow(/rebuild/);
  });
});
