import { describe, expect, it } from 'vitest';
import { checkSeeds, randomWindow, stacksFromText } from './fixtures/index.js';
import { RowAggregate } from './row-aggregate.js';
import { emptyWindow, rowCount, toProcesses } from './rows.js';
import { ProfileTables } from './tables.js';
import { ThreadAggregate } from './thread-aggregate.js';
import type { ProfileWindow, Rows, Threads } from './window.js';
import { WindowSpan } from './window-span.js';

const KEYS = [
  'tgid',
  'tid',
  'comm',
  'cgroup',
  'kind',
  'state',
  'userStack',
  'kernelStack',
  'chain',
  'bucket',
] as const;

/** Rows by key, equal ones summed the slow and obvious way. */
function rowsByKey(...tables: Rows[]): Map<string, number[]> {
  const sums = new Map<string, number[]>();
  for (const rows of tables) {
    for (let i = 0; i < rowCount(rows); i++) {
      const key = KEYS.map((column) => rows[column][i]).join();
      const sum = sums.get(key) ?? [0, 0, 0, 0];
      sum[0]! += rows.captures[i]!;
      sum[1]! += rows.estimatedNs[i]!;
      sum[2]! += rows.estimatedCount[i]!;
      sum[3]! += rows.varianceNs2[i]!;
      sums.set(key, sum);
    }
  }
  return sums;
}

function expectSameRows(actual: Rows, expected: Map<string, number[]>): void {
  const sums = rowsByKey(actual);
  expect(rowCount(actual)).toBe(sums.size);
  expect([...sums.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [key, sum] of sums) {
    const wanted = expected.get(key)!;
    expect(sum.slice(0, 2)).toEqual(wanted.slice(0, 2));
    // Fractions: a residue of rounding relative to what was in the row before, not to what is left.
    expect(Math.abs(sum[2]! - wanted[2]!)).toBeLessThan(1e-6);
    expect(Math.abs(sum[3]! - wanted[3]!)).toBeLessThanOrEqual(1e-9 * 2 ** 68);
  }
}

function threadLines(threads: Threads): string[] {
  return threads.tid
    .map((tid, i) =>
      [threads.tgid[i], tid, threads.comm[i], threads.blockedNs[i], threads.runqNs[i], threads.preemptedNs[i]]
        .concat([
          threads.onCpuNs[i],
          threads.blockedCount[i],
          threads.runqCount[i],
          threads.preemptedCount[i],
        ])
        .join(),
    )
    .sort();
}

describe('RowAggregate', () => {
  it('sums equal keys and drops a key with its last window', () => {
    const tables = new ProfileTables();
    const one = stacksFromText('a: f = 1us\n b: f = 1us', tables);
    const two = stacksFromText('a: f = 1us', tables);
    const aggregate = new RowAggregate();
    aggregate.add(one);
    aggregate.add(two);
    expect(aggregate.rows().estimatedNs).toEqual([2_000, 1_000]);
    expect(aggregate.rows().captures).toEqual([2, 1]);
    aggregate.remove(one);
    expect(aggregate.rows().estimatedNs).toEqual([1_000]);
    aggregate.remove(two);
    expect(rowCount(aggregate.rows())).toBe(0);
  });

  it('keeps the time of a row without captures', () => {
    const { rows } = stacksFromText('a: f = 1us x0');
    const aggregate = new RowAggregate();
    aggregate.add({ rows });
    expect(aggregate.rows().estimatedNs).toEqual([1_000]);
  });

  it('refuses to remove what was never added', () => {
    const { rows } = stacksFromText('a@7/8: f = 1us');
    const aggregate = new RowAggregate();
    expect(() => aggregate.remove({ rows })).toThrow(/row 0 \(tgid 7, tid 8\) is not in it/);
    aggregate.add({ rows });
    aggregate.remove({ rows });
    expect(() => aggregate.remove({ rows })).toThrow(/is not in it/);
  });

  it('forgets dead keys and goes on', () => {
    const tables = new ProfileTables();
    const lines = Array.from({ length: 3_000 }, (_, n) => `a@1/${n + 1}: f = ${n + 1}us`);
    const many = stacksFromText(lines.join('\n'), tables);
    const few = stacksFromText(lines.slice(100, 110).join('\n'), tables);
    const aggregate = new RowAggregate();
    aggregate.add(many);
    aggregate.add(few);
    aggregate.remove(many);
    expectSameRows(aggregate.rows(), rowsByKey(few.rows));
    aggregate.add(many);
    expectSameRows(aggregate.rows(), rowsByKey(few.rows, many.rows));
    aggregate.remove(few);
    expectSameRows(aggregate.rows(), rowsByKey(many.rows));
  });
});

describe('a sliding span of random windows', () => {
  it('equals one made afresh from the windows it holds', () => {
    checkSeeds(12, (random) => {
      const tables = new ProfileTables();
      const span = new WindowSpan(tables);
      const held: ProfileWindow[] = [];
      for (let n = 0; n < 20; n++) {
        if (held.length > 0 && random.chance(0.45)) {
          span.remove(held.splice(random.integer(0, held.length - 1), 1)[0]!);
        } else {
          // Few functions and threads, so that windows share keys.
          const window = randomWindow(random, tables, {
            functions: 1,
            maxDepth: 1,
            maxWakers: 1,
            processes: 2,
          });
          held.push(window);
          span.add(window);
        }
        expect(span.windowCount).toBe(held.length);
        expectSameRows(span.rows(), rowsByKey(...held.map((window) => window.rows)));
        const fresh = new WindowSpan(tables);
        for (const window of held) fresh.add(window);
        expect(threadLines(span.threads())).toEqual(threadLines(fresh.threads()));
        expect(span.losses()).toEqual(fresh.losses());
      }
      while (held.length > 0) span.remove(held.pop()!);
      expect(rowCount(span.rows())).toBe(0);
      expect(span.threads().tid).toEqual([]);
      expect(span.losses()).toEqual({});
    });
  });

  it('keeps the newest name of a process, also after it left', () => {
    const tables = new ProfileTables();
    const span = new WindowSpan(tables);
    const named = (name: string) =>
      emptyWindow({ processes: toProcesses([{ tgid: 7, name: tables.internString(name) }]) });
    const before = named('sh');
    span.add(before);
    span.add(named('server'));
    span.remove(before);
    expect([...span.processNames]).toEqual([[7, 'server']]);
  });
});

describe('ThreadAggregate', () => {
  it('refuses to remove what was never added', () => {
    const window = emptyWindow();
    for (const column of Object.values(window.threads)) column.push(3);
    expect(() => new ThreadAggregate().remove(window)).toThrow(/tid 3 is not in it/);
  });
});
