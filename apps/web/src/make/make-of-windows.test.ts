import {
  appendRow,
  emptyWindow,
  NONE,
  ON_CPU,
  PLAIN_SHAPE,
  ProfileTables,
  type ProfileWindow,
} from '@stallscope/profile';
import { type HostFacts, readWindowFile } from '@stallscope/protocol';
import { expect, it } from 'vitest';
import { SAME_BASE } from '../difference/base';
import { Differences } from '../difference/differences';
import { readBaseFile } from '../difference/read-base-file';
import { HeldWindows } from '../live/held-windows';
import { type LiveSelection, NOTHING_BESIDE } from '../live/live-messages';
import { makeOfDifference } from './make-of-difference';
import { makeOfWindows } from './make-of-windows';

const NOTE = { title: 'web-1', notes: '', tags: [], author: '', createdAtMs: 0, view: '' };
const HOST: HostFacts = {
  ...{ id: 'b5c1', name: 'web-1', kernel: '6.1.0', arch: 'x86_64', cpus: 8, memoryBytes: 2 ** 35 },
  ...{ bootId: 'boot', os: 'Debian GNU/Linux 12', capabilities: [] },
};
const PERIOD_NS = 1e7;

/** A window of 1 s at second `n` with samples of functions, by the slice in which they ran. */
function windowAt(tables: ProfileTables, n: number, ran: [slice: number, fn: string][]): ProfileWindow {
  const window = emptyWindow({
    ...{ sequence: n, startMs: n * 1000, endMs: n * 1000 + 1000, cpuPeriodNs: PERIOD_NS },
    losses: { 'cpu-sample-lost': n + 1 },
  });
  for (const [slice, fn] of ran) {
    const frame = tables.internFrame({ name: tables.internString(fn), module: 0, space: 0, unnamed: 0 });
    appendRow(window.rows, {
      ...{ tgid: 10, tid: 10, comm: tables.internString('app'), cgroup: 0, kind: ON_CPU, state: 0, slice },
      ...{ userStack: tables.internFrames([frame]), kernelStack: NONE, chain: NONE, bucket: 0 },
      ...{ captures: 1, estimatedCount: 1, estimatedNs: PERIOD_NS, varianceNs2: PERIOD_NS ** 2 },
    });
  }
  return window;
}

/** Four seconds; the last is what the page follows. */
function stage() {
  const held = new HeldWindows();
  const add = (n: number, ran: [number, string][]) => held.addDecoded(windowAt(held.tables, n, ran));
  add(0, [[30, 'read']]);
  add(1, [
    [20, 'early'],
    [30, 'parse'],
    [99, 'parse'],
  ]);
  add(2, [
    [0, 'parse'],
    [50, 'late'],
  ]);
  add(3, [[1, 'now']]);
  const selection: LiveSelection = {
    hostId: 'here',
    query: { view: 'cpu', kinds: ['blocked'] },
    span: { kind: 'last', lengthMs: 1000 },
    pausedAtMs: null,
    search: null,
    shape: PLAIN_SHAPE,
    wants: NOTHING_BESIDE,
  };
  return { held, selection };
}

const STRETCH = { from: 125, to: 210 };

async function exported(
  held: HeldWindows,
  selection: LiveSelection,
  format: 'folded' | 'json' | 'stallscope',
) {
  const made = await makeOfWindows(held, selection, HOST, { kind: 'export', format, note: NOTE });
  if (made.kind !== 'export') throw new Error(JSON.stringify(made));
  return { ...made, text: new TextDecoder().decode(made.bytes) };
}

it('writes the samples of the chosen stretch and no others, though the page follows newer ones', async () => {
  const { held, selection } = stage();
  expect((await exported(held, selection, 'folded')).text).toBe('app;now 10000\n');
  const { text, lost } = await exported(held, { ...selection, slices: STRETCH }, 'folded');
  expect(text).toBe('app;parse 30000\n');
  expect(lost.join()).not.toMatch(/stretch/);
  const json = JSON.parse((await exported(held, { ...selection, slices: STRETCH }, 'json')).text);
  expect(json).toMatchObject({ durationMs: 850, startedAt: new Date(1250).toISOString() });
  expect(json.totals).toMatchObject({ sampledNs: 3e7, exactNs: null });
  // Of the windows that the stretch lies in: seconds 1 and 2.
  expect(json.losses).toEqual({ 'cpu-sample-lost': 5 });
});

it('writes them reshaped as they are drawn', async () => {
  const { held, selection } = stage();
  const shape = { ...PLAIN_SHAPE, direction: 'bottom-up' } as const;
  const { text } = await exported(held, { ...selection, slices: STRETCH, shape }, 'folded');
  expect(text).toBe('parse;app 30000\n');
});

it('forgets a stretch in the other views, as the page does', async () => {
  const { held, selection } = stage();
  const query = { ...selection.query, view: 'off-cpu' } as const;
  const { text, lost } = await exported(held, { ...selection, query, slices: STRETCH }, 'stallscope');
  expect(text).not.toBe('');
  expect(lost).toEqual([]);
});

it('keeps the windows of a stretch that the page has gone on from, whole, and says so', async () => {
  const { held, selection } = stage();
  const { bytes, lost } = await exported(held, { ...selection, slices: STRETCH }, 'stallscope');
  const { windows } = readWindowFile(bytes, new ProfileTables());
  expect(windows.map(({ startMs }) => startMs)).toEqual([1000, 2000, 3000]);
  expect(windows[0]!.rows.slice).toEqual([20, 30, 99]);
  expect(lost[0]).toMatch(/^The stretch \d\d:\d\d:01\.250 – \d\d:\d\d:02\.100 by itself/);
});

it('compares the chosen stretch with the same stretch before it', () => {
  const { held, selection } = stage();
  const differences = new Differences({
    onChange: () => undefined,
    fetchSnapshot: () => Promise.reject(new Error('there is none')),
    readFile: readBaseFile,
  });
  const compared: LiveSelection = {
    ...selection,
    slices: { from: 125, to: 135 },
    difference: {
      base: { ...SAME_BASE, time: { kind: 'before', agoMs: 1000 } },
      scaling: 'none',
      isSwapped: false,
    },
  };
  differences.select(compared);
  const request = { kind: 'difference', format: 'folded', width: 'after', note: NOTE } as const;
  const made = makeOfDifference(differences, held.comparedOf(compared), 'web-1', request);
  if (made.kind !== 'export') throw new Error(JSON.stringify(made));
  expect(new TextDecoder().decode(made.bytes)).toBe('app;parse 0 10000\napp;read 10000 0\n');
  const sides = differences.sides(held.comparedOf(compared));
  expect(sides).toMatchObject({
    before: { facts: { fromMs: 250, toMs: 350, coveredMs: 100, lost: 1 } },
    after: { facts: { fromMs: 1250, toMs: 1350, coveredMs: 100, lost: 2 } },
  });
});

it('does not drop the windows of a chosen stretch while it is chosen', () => {
  const { held, selection } = stage();
  held.evict(10_000, { ...selection, slices: STRETCH });
  expect(held.shelved.map(({ startMs }) => startMs)).toEqual([1000, 2000]);
});
