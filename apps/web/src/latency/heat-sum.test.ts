import {
  bucketOf,
  cellCount,
  GAP,
  IN_PART,
  LATENCY_PROBES,
  REFUSED,
  totalCount,
  WHOLE,
} from '@stallscope/latency';
import {
  appendLatency,
  appendProbe,
  appendThread,
  emptyWindow,
  PROBE_STATES,
  ProfileTables,
  type ProfileWindow,
} from '@stallscope/profile';
import { expect, it } from 'vitest';
import type { ShelvedWindow } from '../live/window-shelf';
import { HEAT_PERCENTILES, type HeatAsk, HeatSum, MAX_HEAT_COLUMNS } from './heat-sum';
import { MAX_OPERATION_ROWS, OperationSum } from './operation-sum';

const ASK: HeatAsk = { name: 'biolatency', operation: null, target: null, whose: {} };

interface Request {
  tid?: number;
  operation?: string;
  target?: string;
  ns: number;
  count?: number;
}

function windowOf(
  tables: ProfileTables,
  startMs: number,
  state: (typeof PROBE_STATES)[number] | null,
  requests: readonly Request[] = [],
): ProfileWindow {
  const window = emptyWindow({ startMs, endMs: startMs + 1000 });
  if (state !== null) {
    const detail = tables.internString(state === 'refused' ? 'no tracepoint' : '');
    appendProbe(window.probes, {
      name: tables.internString('block'),
      state: PROBE_STATES.indexOf(state),
      detail,
    });
  }
  for (const { tid = 10, operation = 'read', target = 'vda', ns, count = 1 } of requests) {
    appendLatency(window.latencies, {
      ...{ probe: LATENCY_PROBES.indexOf('block'), tgid: tid, tid, bucket: bucketOf(ns), count },
      ...{ operation: tables.internString(operation), target: tables.internString(target) },
    });
    const counts = { blockedCount: 1, runqCount: 0, preemptedCount: 0 };
    const ns0 = { blockedNs: 1, runqNs: 0, preemptedNs: 0, onCpuNs: 0 };
    appendThread(window.threads, {
      tgid: tid,
      tid,
      comm: tables.internString(`io${tid}`),
      ...counts,
      ...ns0,
    });
  }
  return window;
}

/** As a host's windows are held, and how often each was decoded. */
function held(tables: ProfileTables, windows: readonly ProfileWindow[]) {
  const decodes: number[] = [];
  const shelved = windows.map(({ startMs, endMs }) => ({ startMs, endMs }) as ShelvedWindow);
  const decode = (window: ShelvedWindow): ProfileWindow => {
    decodes.push(window.startMs);
    return windows[shelved.indexOf(window)]!;
  };
  return { tables, shelved, decodes, decode };
}

it('puts what each window counted into its own column and bucket, and tells what was not collected from nothing', () => {
  const tables = new ProfileTables();
  const of = held(tables, [
    windowOf(tables, 0, null),
    windowOf(tables, 1000, 'refused'),
    windowOf(tables, 2000, 'starting', [{ ns: 100_000 }]),
    windowOf(tables, 3001.5, 'on'),
    windowOf(tables, 4001.5, 'on', [
      { ns: 100_000, count: 3 },
      { ns: 9_000_000, operation: 'write' },
    ]),
  ]);
  const { grid, operations, total, collection } = new HeatSum().of(of, { fromMs: 0, toMs: 6000 }, ASK);
  expect([...grid.startMs]).toEqual([0, 1000, 2000, 3001.5, 4001.5]);
  expect([...grid.collected]).toEqual([GAP, REFUSED, IN_PART, WHOLE, WHOLE]);
  expect(cellCount(grid, 2, bucketOf(100_000))).toBe(1);
  expect(cellCount(grid, 4, bucketOf(100_000))).toBe(3);
  expect(cellCount(grid, 4, bucketOf(9_000_000))).toBe(1);
  expect(totalCount(grid.counts)).toBe(5);
  expect(total.count).toBe(5);
  expect(operations).toEqual([
    { operation: 'read', target: 'vda', count: 4 },
    { operation: 'write', target: 'vda', count: 1 },
  ]);
  expect(collection).toEqual({ windows: 5, collected: 3, newest: 'on', detail: '' });
});

it('says why the host refused', () => {
  const tables = new ProfileTables();
  const of = held(tables, [windowOf(tables, 0, null), windowOf(tables, 1000, 'refused')]);
  const { collection, total, grid } = new HeatSum().of(of, { fromMs: 0, toMs: 2000 }, ASK);
  expect(collection).toEqual({ windows: 2, collected: 0, newest: 'refused', detail: 'no tracepoint' });
  expect(total.count).toBe(0);
  expect(total.ns.every(Number.isNaN)).toBe(true);
  expect(grid.toBucket).toBeGreaterThan(grid.fromBucket);
});

it('is of one operation, one target, one thread where asked for, and still offers the others', () => {
  const tables = new ProfileTables();
  const of = held(tables, [
    windowOf(tables, 0, 'on', [
      { ns: 1e5 },
      { ns: 1e5, operation: 'write' },
      { ns: 1e5, target: 'vdb' },
      { ns: 1e5, tid: 11 },
    ]),
  ]);
  const count = (ask: Partial<HeatAsk>) => {
    const heat = new HeatSum().of(of, { fromMs: 0, toMs: 1000 }, { ...ASK, ...ask });
    return [heat.total.count, heat.operations.length];
  };
  expect(count({})).toEqual([4, 3]);
  expect(count({ operation: 'write' })).toEqual([1, 3]);
  expect(count({ target: 'vdb' })).toEqual([1, 3]);
  expect(count({ whose: { tids: [11] } })).toEqual([1, 1]);
  expect(count({ whose: { who: { 'thread-name': 'io11' } } })).toEqual([1, 1]);
});

it('has percentiles of each column within a bucket of those of the lengths themselves', () => {
  const tables = new ProfileTables();
  const lengths = Array.from({ length: 1000 }, (_, at) => 50_000 + at * at * 13);
  const of = held(tables, [
    windowOf(
      tables,
      0,
      'on',
      lengths.map((ns) => ({ ns })),
    ),
    windowOf(tables, 1000, 'on', [{ ns: 1 }]),
  ]);
  const { percentiles } = new HeatSum().of(of, { fromMs: 0, toMs: 2000 }, ASK);
  for (const [index, share] of HEAT_PERCENTILES.entries()) {
    const exact = lengths[Math.ceil(share * lengths.length) - 1]!;
    expect(bucketOf(Math.round(percentiles[index]![0]!))).toBe(bucketOf(exact));
    expect(percentiles[index]![1]).toBeNaN();
  }
});

it('decodes each window once, and anew when others are asked for', () => {
  const tables = new ProfileTables();
  const of = held(tables, [windowOf(tables, 0, 'on', [{ ns: 1e5 }]), windowOf(tables, 1000, 'on')]);
  const sum = new HeatSum();
  const frame = { fromMs: 0, toMs: 2000 };
  sum.of(of, frame, ASK);
  sum.of(of, frame, { ...ASK, operation: 'read' });
  expect(of.decodes).toEqual([0, 1000]);
  sum.of(of, frame, { ...ASK, whose: { tgids: [3] } });
  expect(of.decodes).toEqual([0, 1000, 0, 1000]);
});

it('has no more columns than it may, and no count is lost where windows share one', () => {
  const tables = new ProfileTables();
  const of = held(
    tables,
    Array.from({ length: 3600 }, (_, at) => ({
      ...windowOf(tables, at * 250.3 + (at > 1000 ? 60_000 : 0), 'on', [{ ns: 1e5 }]),
      endMs: (at + 1) * 250.3 + (at > 1000 ? 60_000 : 0),
    })),
  );
  const { grid } = new HeatSum().of(of, { fromMs: 0, toMs: 1e6 }, ASK);
  expect(grid.startMs.length).toBeLessThanOrEqual(MAX_HEAT_COLUMNS + 1);
  expect(grid.startMs.length).toBeGreaterThan(MAX_HEAT_COLUMNS / 3);
  expect(totalCount(grid.counts)).toBe(3600);
  const longest = Math.max(...grid.endMs.map((endMs, column) => endMs - grid.startMs[column]!));
  expect(longest).toBeLessThan(5000);
});

it('keeps its axis while the longest goes, until much of it is not needed', () => {
  const tables = new ProfileTables();
  const of = held(tables, [
    windowOf(tables, 0, 'on', [{ ns: 3e7 }, { ns: 1e4 }]),
    windowOf(tables, 1000, 'on', [{ ns: 1e7 }, { ns: 1e4 }]),
    windowOf(tables, 2000, 'on', [{ ns: 1e4 }]),
  ]);
  const sum = new HeatSum();
  const range = (fromMs: number) => {
    const { grid } = sum.of(of, { fromMs, toMs: 3000 }, ASK);
    return [grid.fromBucket, grid.toBucket];
  };
  const first = range(0);
  expect(first[1]).toBeGreaterThan(bucketOf(3e7) + 3);
  expect(range(1000)).toEqual(first);
  expect(range(2000)[1]).toBeLessThan(first[1]!);
});

it('lists the operations of a region, the longest first, and counts all of it', () => {
  const tables = new ProfileTables();
  const many = Array.from({ length: MAX_OPERATION_ROWS + 20 }, (_, at) => ({ tid: 100 + at, ns: 1e5 }));
  const of = held(tables, [
    windowOf(tables, 0, 'on', [{ ns: 5e8 }, { ns: 1e5, count: 7 }]),
    windowOf(tables, 1000, 'on', [{ ns: 1e9, operation: 'flush' }, ...many]),
  ]);
  const region = {
    heatmap: 'biolatency',
    fromBucket: bucketOf(1e5),
    toBucket: 160,
    operation: null,
    target: null,
  } as const;
  const table = new OperationSum().of(of, of.shelved, region, {}, new Map([[10, 'db']]));
  expect(table.operation.slice(0, 3)).toEqual(['flush', 'read', 'read']);
  expect(table.count.slice(0, 3)).toEqual([1, 1, 7]);
  expect([table.startMs[0], table.process[0], table.name[0]]).toEqual([1000, 'db', 'io10']);
  expect(table.tid.length).toBe(MAX_OPERATION_ROWS);
  expect(table.total).toBe(MAX_OPERATION_ROWS + 23);
  expect(table.counted.count).toBe(MAX_OPERATION_ROWS + 29);
  expect(table.threads).toBe(MAX_OPERATION_ROWS + 21);
});
