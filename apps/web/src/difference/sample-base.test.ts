import { NONE, PLAIN_SHAPE, type SampleLabels, SampleProfileBuilder } from '@stallscope/profile';
import { describe, expect, it } from 'vitest';
import { LabelledTrees, type LabelledView } from '../live/labelled-trees';
import { NOTHING_BESIDE } from '../live/live-messages';
import { SampleViews } from '../still/sample-views';
import type { StillSelection } from '../still/still-messages';
import { type Base, readBase, SAME_BASE } from './base';
import { Differences } from './differences';
import { toKeptBase } from './kept-base';
import { readBaseFile } from './read-base-file';

type Sample = [labels: SampleLabels, fn: string, ms: number, atMs?: number];

function profileOf(title: string, samples: Sample[], startMs: number | null = null) {
  const builder = new SampleProfileBuilder(title, [{ type: 'cpu', unit: 'nanoseconds' }]);
  for (const [labels, name, ms, atMs] of samples) {
    const frame = builder.frame({ name, module: '', file: '', line: 0, role: 'user', unnamed: 0 });
    const args = [builder.stack(NONE, frame), [ms * 1e6], builder.labels(labels)] as const;
    if (atMs === undefined) builder.sample(...args);
    else builder.sample(...args, atMs * 1e6);
  }
  builder.profile.startMs = startMs;
  return builder.profile;
}

const APP = { process: 'app', tgid: 7, tid: 7, comm: 'app' };
const WORKER = { process: 'app', tgid: 7, tid: 8, comm: 'worker' };
const DB = { process: 'db', tgid: 9, tid: 9, comm: 'db' };

const FIRST = profileOf('first', [
  [APP, 'read', 5, 0],
  [WORKER, 'lock', 3, 10],
  [DB, 'fsync', 2, 20],
  [APP, 'read', 1, 30],
]);
/** The same two programs in another run: with other numbers. */
const SECOND = profileOf('second', [
  [{ ...APP, tgid: 71, tid: 71 }, 'read', 50, 0],
  [{ ...DB, tgid: 7, tid: 7 }, 'fsync', 20, 20],
]);

const ALL: StillSelection = {
  hostId: 'still',
  query: { view: 'off-cpu', kinds: ['blocked'] },
  span: { kind: 'all' },
  pausedAtMs: null,
  search: null,
  shape: PLAIN_SHAPE,
  wants: NOTHING_BESIDE,
  profile: 0,
  value: null,
};

function stage(profiles = [FIRST, SECOND]) {
  const views = new SampleViews(profiles);
  let changes = 0;
  const differences = new Differences({
    onChange: () => changes++,
    fetchSnapshot: () => Promise.reject(new Error('there is none')),
    readFile: readBaseFile,
  });
  const trees = new LabelledTrees();
  return {
    differences,
    changes: () => changes,
    view(base: Base | string, selection: Partial<StillSelection> = {}): LabelledView {
      const asked = typeof base === 'string' ? readBase(base) : base;
      if (asked === undefined) throw new Error(`no base: ${base}`);
      const all: StillSelection = {
        ...ALL,
        ...selection,
        difference: { base: asked, scaling: 'none', isSwapped: false },
      };
      differences.select(all);
      const { message, transfer } = views.toView(all, differences.compare);
      const { type, ...update } = structuredClone(message, { transfer: [...transfer] });
      return trees.take(update);
    },
  };
}

/** `10 → 6 read 2 → 5`: of all and of each function, ms. */
function printed({ difference }: LabelledView): string {
  if (difference?.state !== 'ready') return JSON.stringify(difference);
  const { growth, before, after } = difference;
  const functions = growth.label
    .map((label, row) => `${label} ${growth.totalBefore[row]! / 1e6} → ${growth.totalAfter[row]! / 1e6}`)
    .filter((line) => /^(read|lock|fsync) /.test(line))
    .sort();
  return [`${before.value / 1e6} → ${after.value / 1e6}`, ...functions].join(' · ');
}

describe('the difference of two parts of one opened file', () => {
  it('is of two of its profiles, whichever is shown', () => {
    const { view } = stage();
    const second = view('profile:1');
    expect(printed(second)).toBe('70 → 11 · fsync 20 → 2 · lock 0 → 3 · read 50 → 6');
    expect(second.difference).toMatchObject({
      before: { of: 'base', part: 'second' },
      after: { of: 'page', part: 'first' },
      parts: { profile: 1, profiles: [{ title: 'first' }, { title: 'second', samples: 2 }] },
    });
    expect(printed(view('profile:0', { profile: 1 }))).toBe(
      '11 → 70 · fsync 2 → 20 · lock 3 → 0 · read 6 → 50',
    );
  });

  it('is of two of its processes, or threads', () => {
    const { view } = stage();
    const app = { query: { ...ALL.query, tgids: [7] } };
    expect(printed(view('p:9', app))).toBe('2 → 9 · fsync 2 → 0 · lock 0 → 3 · read 0 → 6');
    expect(printed(view('p:all', app))).toBe('11 → 9 · fsync 2 → 0 · lock 3 → 3 · read 6 → 6');
    const main = { query: { ...ALL.query, tgids: [7], tids: [7] } };
    const threads = view('t:8', main);
    expect(printed(threads)).toBe('3 → 6 · lock 3 → 0 · read 0 → 6');
    expect(threads.difference).toMatchObject({
      before: { processes: { name: 'app', tgids: [7] }, thread: { name: 'worker', tid: 8 } },
      after: { thread: { name: 'app', tid: 7 } },
      parts: { processes: { name: ['app', 'db'] }, threads: { tid: [7, 8] } },
    });
    expect(printed(view('t:all', main)), 'the whole process').toBe('9 → 6 · lock 3 → 0 · read 6 → 6');
  });

  it('takes a process of another profile by its name, as its number means nothing there', () => {
    const { view } = stage();
    const app = { query: { ...ALL.query, tgids: [7] } };
    const named = view('profile:1', app);
    expect(printed(named)).toBe('50 → 9 · lock 0 → 3 · read 50 → 6');
    expect(named.difference).toMatchObject({ before: { processes: { name: 'app', tgids: [71] } } });
    expect(printed(view('profile:1~p:7', app)), 'a number is one of the base').toBe(
      '20 → 9 · fsync 20 → 0 · lock 0 → 3 · read 0 → 6',
    );
  });

  it('is of two stretches of time', () => {
    const { view } = stage();
    const late = { span: { kind: 'fixed', fromMs: 20, toMs: 40 } } as const;
    const stretches = view('span:0-20', late);
    expect(printed(stretches)).toBe('8 → 3 · fsync 0 → 2 · lock 3 → 0 · read 5 → 1');
    expect(stretches.difference).toMatchObject({
      before: { stretch: { fromNs: 0, toNs: 20e6 }, coveredMs: 20 },
      // The last sample is at 30 ms: what was chosen beyond it is no time of the profile.
      after: { stretch: { fromNs: 20e6, toNs: 31e6 }, coveredMs: 11 },
    });
    expect(printed(view('before:20', late))).toBe('8 → 3 · fsync 0 → 2 · lock 3 → 0 · read 5 → 1');
    expect(printed(view('profile:1', late)), 'the same time of the other').toBe(
      '20 → 3 · fsync 20 → 2 · read 0 → 1',
    );
    expect(view('before:100', late).difference).toMatchObject({ before: { value: 0, coveredMs: 0 } });
  });

  it('tells a stretch on the clock of a profile that says when it was recorded', () => {
    const startMs = 1_700_000_000_000.25;
    const { view } = stage([
      profileOf(
        'dated',
        [
          [APP, 'read', 5, 0],
          [APP, 'lock', 3, 10],
        ],
        startMs,
      ),
    ]);
    const base = 'span:1700000000000-1700000000005';
    const { difference } = view(base, {
      span: { kind: 'fixed', fromMs: 1_700_000_000_005, toMs: 1_700_000_000_012 },
    });
    expect(difference).toMatchObject({
      before: { value: 5e6, fromMs: 1_700_000_000_000, stretch: { fromNs: 0, toNs: 5e6 } },
      after: { value: 3e6 },
    });
  });

  it('says what there is not', () => {
    const untimed = profileOf('flat', [[{}, 'read', 1]]);
    const { view } = stage([FIRST, untimed]);
    expect(view('profile:7').difference).toMatchObject({
      state: 'failed',
      message: 'The file has 2 profiles: there is no profile 8.',
    });
    expect(view('profile:1~span:1-2').difference).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('“flat” have no times'),
    });
    const late = { span: { kind: 'fixed', fromMs: 20, toMs: 40 } } as const;
    expect(view('profile:1', late).difference, 'all of what has no times').toMatchObject({
      before: { value: 1e6, stretch: null },
    });
    const app = { query: { ...ALL.query, tgids: [7] } };
    expect(view('profile:1', app).difference, 'all of what does not say whose it is').toMatchObject({
      before: { value: 1e6, processes: null },
    });
  });
});

describe('a base file of several profiles', () => {
  const speedscope = (...titles: string[]): Blob =>
    new Blob([
      JSON.stringify({
        $schema: 'https://www.speedscope.app/file-format-schema.json',
        shared: { frames: [{ name: 'read' }] },
        profiles: titles.map((name, index) => ({
          type: 'sampled',
          name,
          unit: 'milliseconds',
          startValue: 0,
          endValue: 10,
          samples: [[0]],
          weights: [index + 1],
        })),
      }),
    ]);

  it('offers them all; the one called as what is shown is the base until another is chosen', async () => {
    const { view, differences, changes } = stage();
    differences.giveFile('b.json', speedscope('other', 'first', 'third'));
    view('file:b.json');
    await expect.poll(changes).toBeGreaterThan(1);
    expect(view('file:b.json').difference).toMatchObject({
      before: { name: 'b.json', part: 'first', value: 2e6 },
      parts: { profile: 1, profiles: [{ title: 'other' }, { title: 'first' }, { title: 'third' }] },
    });
    expect(view('file:b.json~profile:2').difference).toMatchObject({
      before: { part: 'third', value: 3e6 },
      parts: { profile: 2 },
    });
    expect(view('file:b.json~profile:3').difference).toMatchObject({ state: 'failed' });
  });
});

describe('what is shown, kept as the base', () => {
  it('names all that the page would lose by going elsewhere', () => {
    const { view } = stage();
    const late = {
      span: { kind: 'fixed', fromMs: 20, toMs: 40 },
      query: { ...ALL.query, tgids: [7] },
    } as const;
    const shown = view({ ...SAME_BASE, process: 'all' }, late);
    const kept = toKeptBase({ p: 7, t: null, lat: null, from: 20 }, shown, {
      shown: null,
      profiles: [FIRST, SECOND].map(() => ({ title: '', samples: 1 })),
    });
    expect(kept).toEqual({
      source: { kind: 'same' },
      profile: 0,
      process: 7,
      thread: null,
      time: { kind: 'fixed', fromMs: 20, toMs: 40 },
      latency: { kind: 'same' },
    });
    expect(printed(view(kept, { profile: 1 }))).toBe('1 → 70 · fsync 0 → 20 · read 1 → 50');
  });

  it('has the last sample where no stretch is chosen', () => {
    const { view } = stage();
    const app = { query: { ...ALL.query, tgids: [7] } };
    const kept = toKeptBase({ p: 7, t: null, lat: null, from: null }, view('p:all', app), { shown: null });
    expect(printed(view(kept, { query: { ...ALL.query, tgids: [9] } }))).toBe(
      '9 → 2 · fsync 0 → 2 · lock 3 → 0 · read 6 → 0',
    );
  });
});
