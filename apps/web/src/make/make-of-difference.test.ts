import {
  appendRow,
  emptyWindow,
  KINDS,
  NONE,
  PLAIN_SHAPE,
  type ProfileTables,
  type ProfileWindow,
  STATES,
} from '@stallscope/profile';
import { expect, it } from 'vitest';
import { type Base, SAME_BASE } from '../difference/base';
import type { Scaling } from '../difference/difference-messages';
import { Differences } from '../difference/differences';
import { readBaseFile } from '../difference/read-base-file';
import { HeldWindows } from '../live/held-windows';
import { type LiveSelection, NOTHING_BESIDE } from '../live/live-messages';
import { makeOfDifference } from './make-of-difference';

const NOTE = { title: 'web-1', notes: '', tags: [], author: '', createdAtMs: 0, view: '' };
const EARLIER: Base = { ...SAME_BASE, time: { kind: 'before', agoMs: 1000 } };

/** A window of 1 s at second `n` with waits of so many ms. */
function windowAt(tables: ProfileTables, n: number, waits: Record<string, number>): ProfileWindow {
  const window = emptyWindow({ sequence: n, startMs: n * 1000, endMs: n * 1000 + 1000 });
  for (const [fn, ms] of Object.entries(waits)) {
    const frame = tables.internFrame({ name: tables.internString(fn), module: 0, space: 0, unnamed: 0 });
    appendRow(window.rows, {
      ...{ tgid: 10, tid: 10, comm: tables.internString('app'), cgroup: 0 },
      ...{ kind: KINDS.indexOf('blocked'), state: STATES.indexOf('S') },
      ...{ userStack: tables.internFrames([frame]), kernelStack: NONE, chain: NONE, bucket: 20 },
      ...{ captures: 1, estimatedCount: 1, estimatedNs: ms * 1e6, varianceNs2: 0 },
    });
  }
  return window;
}

function stage() {
  const held = new HeldWindows();
  held.addDecoded(windowAt(held.tables, 0, { read: 2, flush: 4 }));
  held.addDecoded(windowAt(held.tables, 1, { read: 5, lock: 10 }));
  const differences = new Differences({
    onChange: () => undefined,
    fetchSnapshot: () => Promise.reject(new Error('there is none')),
    readFile: readBaseFile,
  });
  return (
    base: Base | null,
    { hide = null, scaling = 'none' }: { hide?: string | null; scaling?: Scaling },
  ) => {
    const selection: LiveSelection = {
      hostId: 'here',
      query: { view: 'off-cpu', kinds: ['blocked'] },
      span: { kind: 'fixed', fromMs: 1000, toMs: 2000 },
      pausedAtMs: null,
      search: null,
      shape: { ...PLAIN_SHAPE, hideFrames: hide },
      wants: NOTHING_BESIDE,
      ...(base !== null && { difference: { base, scaling, isSwapped: false } }),
    };
    differences.select(selection);
    const request = { kind: 'difference', format: 'folded', width: 'after', note: NOTE } as const;
    const made = makeOfDifference(differences, held.comparedOf(selection), 'web-1', request);
    return made.kind === 'export' ? new TextDecoder().decode(made.bytes) : made;
  };
}

it('writes before and after of each path, filtered and scaled as on the page', () => {
  const fileOf = stage();
  expect(fileOf(EARLIER, {})).toBe('app;flush 4000 0\napp;lock 0 10000\napp;read 2000 5000\n');
  expect(fileOf(EARLIER, { hide: 'lock' })).toBe('app 0 10000\napp;flush 4000 0\napp;read 2000 5000\n');
  expect(fileOf(EARLIER, { scaling: 'share' })).toBe(
    'app;flush 10000 0\napp;lock 0 10000\napp;read 5000 5000\n',
  );
});

it('says why where there is nothing to write', () => {
  const fileOf = stage();
  expect(fileOf(null, {})).toMatchObject({ kind: 'failed', message: 'Nothing is compared.' });
  const gone: Base = { ...SAME_BASE, source: { kind: 'file', name: 'gone.folded' } };
  expect(fileOf(gone, {})).toMatchObject({ kind: 'failed', message: expect.stringContaining('gone.folded') });
});
