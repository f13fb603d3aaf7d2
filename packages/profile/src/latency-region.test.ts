import { BUCKETS, bucketOf, LATENCY_PROBES, octaveOfBucket, quarterOfBucket } from '@stallscope/latency';
import { describe, expect, it } from 'vitest';
import { KINDS, PROBE_STATES } from './kinds.js';
import { kindsOfRegion, type LatencyRegion, partOfWindow, toLatencyMatcher } from './latency-region.js';
import { appendLatency, appendProbe, appendRow, appendThread, emptyWindow } from './rows.js';
import { ProfileTables } from './tables.js';
import type { ProfileWindow } from './window.js';
import { WindowSpan } from './window-span.js';

const ALL = { fromBucket: 0, toBucket: BUCKETS, operation: null, target: null } as const;

interface Wait {
  tid: number;
  kind: (typeof KINDS)[number];
  ns: number;
  /** Not sampled: counted, and no row. */
  isUnsampled?: boolean;
}

function windowOfWaits(tables: ProfileTables, waits: readonly Wait[], lengthsAreFine = true): ProfileWindow {
  const window = emptyWindow({ lengthsAreFine });
  appendProbe(window.probes, { name: tables.internString('lengths'), state: 0, detail: 0 });
  for (const tid of new Set(waits.map((wait) => wait.tid))) {
    const none = { blockedCount: 0, runqCount: 0, preemptedCount: 0 };
    const ns = { blockedNs: 9e9, runqNs: 0, preemptedNs: 0, onCpuNs: 1e6 };
    appendThread(window.threads, { tgid: 1, tid, comm: tables.internString(`t${tid}`), ...none, ...ns });
  }
  for (const { tid, kind, ns, isUnsampled } of waits) {
    const bucket = bucketOf(ns);
    appendLatency(window.latencies, {
      ...{ probe: 0, tgid: 1, tid, operation: tables.internString(kind), target: 0, bucket, count: 1 },
    });
    if (isUnsampled) continue;
    appendRow(window.rows, {
      ...{
        tgid: 1,
        tid,
        comm: tables.internString(`t${tid}`),
        cgroup: 0,
        kind: KINDS.indexOf(kind),
        state: 1,
      },
      ...{ userStack: -1, kernelStack: -1, chain: -1 },
      ...{ bucket: octaveOfBucket(bucket), quarter: quarterOfBucket(bucket) },
      ...{ captures: 1, estimatedCount: 1, estimatedNs: ns, varianceNs2: 0 },
    });
  }
  return window;
}

const WAITS: Wait[] = [
  { tid: 10, kind: 'blocked', ns: 1_000 },
  { tid: 10, kind: 'blocked', ns: 1_300 },
  { tid: 10, kind: 'blocked', ns: 5_000_000 },
  { tid: 11, kind: 'blocked', ns: 5_000_000, isUnsampled: true },
  { tid: 12, kind: 'runq', ns: 1_000 },
  { tid: 12, kind: 'preempted', ns: 1_000 },
];

describe('a region of waits', () => {
  it('has exactly the waits of its kind and length, to the quarter of an octave', () => {
    const tables = new ProfileTables();
    const window = windowOfWaits(tables, WAITS);
    const region: LatencyRegion = { heatmap: 'offcpu', ...ALL, fromBucket: 40, toBucket: 41 };
    const part = partOfWindow(tables, window, region, 'off-cpu');
    expect(part.rows.estimatedNs).toEqual([1_000]);
    expect(part.threads.tid).toEqual([10]);
    expect(part.threads.blockedCount).toEqual([1]);
    expect(part.threads.blockedNs).toEqual([1_000]);
    const rest = partOfWindow(tables, window, region, 'off-cpu', 'rest');
    expect(rest.rows.estimatedNs).toEqual([1_300, 5_000_000]);
    // What was counted and not sampled has its count, and no time.
    expect(rest.threads.tid).toEqual([10, 11]);
    expect(rest.threads.blockedCount).toEqual([2, 1]);
    expect(rest.threads.blockedNs).toEqual([5_001_300, 0]);
  });

  it('of the run queue has what runqlat counts, or one of both', () => {
    const tables = new ProfileTables();
    const window = windowOfWaits(tables, WAITS);
    const of = (region: LatencyRegion) => partOfWindow(tables, window, region, 'chain').rows.kind;
    expect(of({ heatmap: 'runqlat', ...ALL })).toEqual([1, 2]);
    expect(of({ heatmap: 'runqlat', ...ALL, operation: 'preempted' })).toEqual([2]);
    expect(of({ heatmap: 'wakelat', ...ALL })).toEqual([1]);
    expect(kindsOfRegion({ heatmap: 'runqlat', operation: null })).toEqual(['runq', 'preempted']);
  });

  it('of a window whose lengths are not fine is nothing, nor is its rest', () => {
    const tables = new ProfileTables();
    const window = windowOfWaits(tables, WAITS, false);
    for (const part of ['region', 'rest'] as const) {
      const of = partOfWindow(tables, window, { heatmap: 'offcpu', ...ALL }, 'off-cpu', part);
      expect([of.rows.tid, of.threads.tid]).toEqual([[], []]);
    }
  });

  it('is one of threads in the view of lives, which has no rows of waits', () => {
    const tables = new ProfileTables();
    const window = windowOfWaits(tables, WAITS);
    const region: LatencyRegion = { heatmap: 'offcpu', ...ALL, fromBucket: 80 };
    const part = partOfWindow(tables, window, region, 'wall');
    expect(part.threads.tid).toEqual([10, 11]);
    expect(part.threads.blockedNs).toEqual([9e9, 9e9]);
  });
});

describe('a region of anything else', () => {
  const operations = [
    { tid: 10, operation: 'fsync', target: '', ns: 8_000_000 },
    { tid: 11, operation: 'read', target: '', ns: 8_000_000 },
    { tid: 12, operation: 'fsync', target: '', ns: 80_000 },
  ];

  function windowOfOperations(
    tables: ProfileTables,
    state: (typeof PROBE_STATES)[number] = 'on',
  ): ProfileWindow {
    const window = windowOfWaits(tables, WAITS);
    const code = PROBE_STATES.indexOf(state);
    appendProbe(window.probes, { name: tables.internString('ext4'), state: code, detail: 0 });
    for (const { tid, operation, target, ns } of operations) {
      appendLatency(window.latencies, {
        ...{ probe: LATENCY_PROBES.indexOf('ext4'), tgid: 1, tid, bucket: bucketOf(ns), count: 3 },
        ...{ operation: tables.internString(operation), target: tables.internString(target) },
      });
    }
    return window;
  }

  it('has all of the threads that were in such an operation, and the rest all of the others', () => {
    const tables = new ProfileTables();
    const window = windowOfOperations(tables);
    const region: LatencyRegion = {
      heatmap: 'ext4dist',
      ...ALL,
      fromBucket: bucketOf(1_000_000),
      operation: 'fsync',
    };
    const part = partOfWindow(tables, window, region, 'off-cpu');
    expect(part.threads.tid).toEqual([10]);
    expect(part.threads.blockedNs).toEqual([9e9]);
    expect(part.rows.estimatedNs).toEqual([1_000, 1_300, 5_000_000]);
    const rest = partOfWindow(tables, window, region, 'off-cpu', 'rest');
    expect(rest.threads.tid).toEqual([11, 12]);
    expect(partOfWindow(tables, window, { ...region, operation: 'open' }, 'off-cpu').threads.tid).toEqual([]);
  });

  it('counts neither what other probes counted of that length nor what was refused', () => {
    const tables = new ProfileTables();
    const window = windowOfOperations(tables);
    const matches = toLatencyMatcher(tables, { heatmap: 'ext4dist', ...ALL });
    const kept = window.latencies.tid.filter((_, i) => matches(window.latencies, i));
    expect(kept).toEqual([10, 11, 12]);
    const refused = windowOfOperations(new ProfileTables(), 'refused');
    const part = partOfWindow(tables, refused, { heatmap: 'ext4dist', ...ALL }, 'off-cpu', 'rest');
    expect(part.threads.tid).toEqual([]);
  });
});

it('a span of a region is summed and taken apart again as one of whole windows', () => {
  const tables = new ProfileTables();
  const region: LatencyRegion = { heatmap: 'offcpu', ...ALL, fromBucket: 40, toBucket: 60 };
  const span = new WindowSpan(tables, {
    partOf: (window) => partOfWindow(tables, window, region, 'off-cpu'),
  });
  const one = windowOfWaits(tables, WAITS);
  const two = windowOfWaits(tables, [...WAITS, { tid: 10, kind: 'blocked', ns: 1_000 }]);
  span.add(one);
  span.add(two);
  expect(span.threads().blockedCount).toEqual([5]);
  expect(span.threads().blockedNs).toEqual([5_600]);
  span.remove(two);
  expect(span.threads().blockedCount).toEqual([2]);
  expect(span.rows().estimatedNs).toEqual([1_000, 1_300]);
  span.remove(one);
  expect(span.threads().tid).toEqual([]);
});
