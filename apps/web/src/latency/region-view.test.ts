import { BUCKETS, bucketOf, octaveOfBucket, quarterOfBucket } from '@stallscope/latency';
import {
  appendLatency,
  appendProbe,
  appendProcess,
  appendRow,
  appendThread,
  emptyWindow,
  KINDS,
  NONE,
  PLAIN_SHAPE,
  pathOf,
  STATES,
} from '@stallscope/profile';
import { describe, expect, it } from 'vitest';
import { type Base, SAME_BASE } from '../difference/base';
import { Differences } from '../difference/differences';
import { readBaseFile } from '../difference/read-base-file';
import { HeldWindows } from '../live/held-windows';
import { LabelledTrees, type LabelledView } from '../live/labelled-trees';
import { type LiveSelection, NOTHING_BESIDE } from '../live/live-messages';
import type { LatencyAsk } from './heat-ask';

const BLOCKED: LatencyAsk = { name: 'offcpu', operation: null, target: null, latency: null, frameMs: 60_000 };
const LONG = { fromBucket: bucketOf(1_000_000), toBucket: BUCKETS };

const SELECTION: LiveSelection = {
  hostId: 'here',
  query: { view: 'off-cpu', kinds: ['blocked'] },
  span: { kind: 'last', lengthMs: 60_000 },
  pausedAtMs: null,
  search: null,
  shape: PLAIN_SHAPE,
  wants: NOTHING_BESIDE,
};

/** Seconds 0 to 5: each a read of 100 µs and a write of 3 ms by app, which syncs a file in seconds 3 and 4; second 0 did not count. */
function heldWindows(): HeldWindows {
  const held = new HeldWindows();
  const { tables } = held;
  const stack = (fn: string): number =>
    tables.internFrames([
      tables.internFrame({ name: tables.internString(fn), module: 0, space: 0, unnamed: 0 }),
    ]);
  for (let second = 0; second < 6; second++) {
    const isCounted = second > 0;
    const window = emptyWindow({
      sequence: second,
      startMs: second * 1000,
      endMs: second * 1000 + 1000,
      lengthsAreFine: isCounted,
    });
    const comm = tables.internString('app');
    appendProcess(window.processes, { tgid: 7, name: comm });
    for (const [tid, fn, ns] of [
      [7, 'read', 100_000],
      [8, 'write', 3_000_000],
    ] as const) {
      const bucket = bucketOf(ns);
      const counts = { blockedCount: 1, runqCount: 0, preemptedCount: 0 };
      const times = { blockedNs: ns, runqNs: 0, preemptedNs: 0, onCpuNs: 5_000 };
      appendThread(window.threads, { tgid: 7, tid, comm, ...counts, ...times });
      appendRow(window.rows, {
        ...{ tgid: 7, tid, comm, cgroup: 0, kind: KINDS.indexOf('blocked'), state: STATES.indexOf('S') },
        ...{ userStack: stack(fn), kernelStack: NONE, chain: NONE },
        ...{ bucket: octaveOfBucket(bucket), quarter: isCounted ? quarterOfBucket(bucket) : 0 },
        ...{ captures: 1, estimatedCount: 1, estimatedNs: ns, varianceNs2: 0 },
      });
      const operation = tables.internString('blocked');
      if (isCounted)
        appendLatency(window.latencies, { probe: 0, tgid: 7, tid, operation, target: 0, bucket, count: 1 });
    }
    if (isCounted) {
      appendProbe(window.probes, { name: tables.internString('lengths'), state: 0, detail: 0 });
      appendProbe(window.probes, { name: tables.internString('ext4'), state: 0, detail: 0 });
    }
    if (second === 3 || second === 4)
      appendLatency(window.latencies, {
        ...{ probe: 2, tgid: 7, tid: 8, operation: tables.internString('fsync'), target: 0 },
        ...{ bucket: bucketOf(2_000_000), count: 1 },
      });
    held.addDecoded(window);
  }
  return held;
}

function stage() {
  const held = heldWindows();
  const differences = new Differences({
    onChange: () => {},
    fetchSnapshot: () => Promise.reject(new Error('none')),
    readFile: readBaseFile,
  });
  const trees = new LabelledTrees();
  const facts = {
    hostId: 'here',
    watch: { state: 'receiving' },
    behindMs: null,
    coalescedWindows: 0,
  } as const;
  return (part: Partial<LiveSelection>, base?: Base): LabelledView => {
    const selection = {
      ...SELECTION,
      ...part,
      ...(base && { difference: { base, scaling: 'none', isSwapped: false } as const }),
    };
    differences.select(selection);
    const { message, transfer } = held.toView(selection, facts, differences.compare);
    const { type, ...update } = structuredClone(message, { transfer: [...transfer] });
    return trees.take(update);
  };
}

/** ms of each function. */
function times({ tree }: LabelledView): Record<string, number> {
  const of: Record<string, number> = {};
  for (let node = 1; node < tree!.nodeCount; node++) {
    const path = pathOf(tree!, node);
    if (path.length === 2) of[path.at(-1)!.label] = tree!.totalValue[node]! / 1e6;
  }
  return of;
}

describe('a region of a heatmap of waits', () => {
  it('leaves exactly its waits in the graph and in the tables, of windows that counted lengths', () => {
    const view = stage();
    expect(times(view({}))).toEqual({ read: 0.6, write: 18 });
    const long = view({ latency: { ...BLOCKED, latency: LONG } });
    expect(times(long)).toEqual({ write: 15 });
    expect(long.threads.tid).toEqual([8]);
    expect(long.processes.blockedNs).toEqual([15e6]);
    expect(long.totals.exactNs).toBeNull();
    expect(long.totals.region).toEqual({
      ...{ isOfWaits: true, count: 5, sampledCount: 5, windows: 6, countedWindows: 5, countedMs: 5000 },
    });
    expect(long.operations?.tid).toEqual([8, 8, 8, 8, 8]);
    expect(long.heat?.total.count).toBe(10);
    // And all of it again.
    expect(times(view({ latency: BLOCKED }))).toEqual({ read: 0.6, write: 18 });
  });

  it('has its time from the stretch that is chosen, while the heatmap stands around it', () => {
    const view = stage();
    const span = { kind: 'fixed', fromMs: 2000, toMs: 4000 } as const;
    const part = view({ span, latency: { ...BLOCKED, latency: LONG } });
    expect(times(part)).toEqual({ write: 6 });
    expect(part.operations?.counted.count).toBe(2);
    expect(part.heat?.grid.startMs.length).toBe(6);
  });

  it('differs from the rest by what is in the one and not in the other', () => {
    const view = stage();
    const span = { kind: 'fixed', fromMs: 2000, toMs: 4000 } as const;
    const { difference } = view(
      { span, latency: { ...BLOCKED, latency: LONG } },
      { ...SAME_BASE, latency: { kind: 'rest' } },
    );
    if (difference?.state !== 'ready') throw new Error(JSON.stringify(difference));
    expect(difference.after.value).toBe(6e6);
    // Of seconds 1 to 5 all but the two writes of the region.
    expect(difference.before.value).toBeCloseTo(5 * 100_000 + 3 * 3_000_000, 0);
    expect(difference.before.latency).toBe('rest');
  });

  it('differs from another region by its own lengths and time', () => {
    const view = stage();
    const short = { kind: 'span', fromBucket: 0, toBucket: LONG.fromBucket } as const;
    const { difference } = view(
      { latency: { ...BLOCKED, latency: LONG } },
      { ...SAME_BASE, latency: short, time: { kind: 'fixed', fromMs: 1000, toMs: 3000 } },
    );
    if (difference?.state !== 'ready') throw new Error(JSON.stringify(difference));
    expect(difference.after.value).toBe(15e6);
    expect(difference.before.value).toBe(200_000);
  });
});

describe('a region of other operations', () => {
  it('leaves all of the threads that were in them, in the windows they were in them', () => {
    const view = stage();
    const ask: LatencyAsk = { ...BLOCKED, name: 'ext4dist', operation: 'fsync' };
    const part = view({ latency: ask });
    expect(times(part)).toEqual({ write: 6 });
    expect(part.totals.exactNs).toBe(6e6);
    expect(part.totals.region).toMatchObject({ isOfWaits: false, count: 2, countedWindows: 5 });
    const { difference } = view({ latency: ask }, { ...SAME_BASE, latency: { kind: 'rest' } });
    if (difference?.state !== 'ready') throw new Error(JSON.stringify(difference));
    expect(difference.before.value).toBeCloseTo(5 * 100_000 + 3 * 3_000_000, 0);
  });
});
