import {
  appendProcess,
  appendRow,
  emptyWindow,
  KINDS,
  NONE,
  PLAIN_SHAPE,
  type ProfileTables,
  type ProfileWindow,
  pathOf,
  STATES,
} from '@stallscope/profile';
import { describe, expect, it } from 'vitest';
import { HeldWindows } from '../live/held-windows';
import { LabelledTrees, type LabelledView } from '../live/labelled-trees';
import { type LiveSelection, NOTHING_BESIDE } from '../live/live-messages';
import { type Base, SAME_BASE } from './base';
import type { DifferenceAsk } from './difference-messages';
import { Differences } from './differences';
import type { HostFeed } from './host-feed';
import { readBaseFile } from './read-base-file';

/** A window of 1 s at second `n`, in which each process waits in its functions for so many ms. */
function windowAt(
  n: number,
  processes: Record<string, { tgid: number; waits: Record<string, number> }>,
): (tables: ProfileTables) => ProfileWindow {
  return (tables) => {
    const window = emptyWindow({ sequence: n, startMs: n * 1000, endMs: n * 1000 + 1000 });
    for (const [name, { tgid, waits }] of Object.entries(processes)) {
      const comm = tables.internString(name);
      appendProcess(window.processes, { tgid, name: comm });
      for (const [fn, ms] of Object.entries(waits)) {
        const frame = tables.internFrame({ name: tables.internString(fn), module: 0, space: 0, unnamed: 0 });
        appendRow(window.rows, {
          tgid,
          tid: tgid,
          comm,
          cgroup: 0,
          kind: KINDS.indexOf('blocked'),
          state: STATES.indexOf('S'),
          userStack: tables.internFrames([frame]),
          kernelStack: NONE,
          chain: NONE,
          bucket: 20,
          captures: 1,
          estimatedCount: 1,
          estimatedNs: ms * 1e6,
          varianceNs2: 0,
        });
      }
    }
    return window;
  };
}

function heldOf(...windows: ((tables: ProfileTables) => ProfileWindow)[]): HeldWindows {
  const held = new HeldWindows();
  for (const make of windows) held.addDecoded(make(held.tables));
  return held;
}

const SELECTION: LiveSelection = {
  hostId: 'here',
  query: { view: 'off-cpu', kinds: ['blocked'] },
  span: { kind: 'fixed', fromMs: 1000, toMs: 2000 },
  pausedAtMs: null,
  search: null,
  shape: PLAIN_SHAPE,
  wants: NOTHING_BESIDE,
};

function stage(held: HeldWindows, deps: Partial<ConstructorParameters<typeof Differences>[0]> = {}) {
  let changes = 0;
  const differences = new Differences({
    onChange: () => changes++,
    fetchSnapshot: () => Promise.reject(new Error('The snapshot cannot be had: there is none')),
    readFile: readBaseFile,
    ...deps,
  });
  const trees = new LabelledTrees();
  return {
    differences,
    changes: () => changes,
    view(base: Base, ask: Partial<DifferenceAsk> = {}, selection: Partial<LiveSelection> = {}): LabelledView {
      const asked = {
        ...SELECTION,
        ...selection,
        difference: { base, scaling: 'none', isSwapped: false, ...ask },
      } as const;
      differences.select(asked);
      const facts = {
        hostId: 'here',
        watch: { state: 'receiving' },
        behindMs: null,
        coalescedWindows: 0,
      } as const;
      const { message, transfer } = held.toView(asked, facts, differences.compare);
      // As a worker hands it over.
      const { type, ...update } = structuredClone(message, { transfer: [...transfer] });
      return trees.take(update);
    },
  };
}

/** `app;read 2 → 5`: before and after of each node, ms. */
function printed({ difference }: LabelledView): string[] {
  if (difference?.state !== 'ready') return [JSON.stringify(difference)];
  const { tree, scale } = difference;
  return Array.from({ length: tree.nodeCount }, (_, node) => {
    const path = pathOf(tree, node)
      .map(({ label }) => label)
      .join(';');
    const before = (tree.baseTotalValue[node]! * scale) / 1e6;
    return `${path || 'all'} ${before} → ${tree.totalValue[node]! / 1e6}`;
  });
}

const EARLIER = windowAt(0, { app: { tgid: 10, waits: { read: 2, flush: 4 } } });
const LATER = windowAt(1, {
  app: { tgid: 10, waits: { read: 5, lock: 1 } },
  web: { tgid: 20, waits: { read: 9 } },
});

describe('the difference of two stretches of one host', () => {
  it('has the paths of both with the values of both', () => {
    const { view } = stage(heldOf(EARLIER, LATER));
    expect(printed(view({ ...SAME_BASE, time: { kind: 'before', agoMs: 1000 } }))).toEqual([
      'all 6 → 15',
      'app 6 → 6',
      'app;flush 4 → 0',
      'app;lock 0 → 1',
      'app;read 2 → 5',
      'web 0 → 9',
      'web;read 0 → 9',
    ]);
  });

  it('lists what grew most first, and what shrank last', () => {
    const { view } = stage(heldOf(EARLIER, LATER));
    const { difference } = view({ ...SAME_BASE, time: { kind: 'fixed', fromMs: 0, toMs: 1000 } });
    if (difference?.state !== 'ready') throw new Error(`no difference: ${JSON.stringify(difference)}`);
    const { growth } = difference;
    expect(growth.label.map((label, i) => `${label} ${growth.totalDelta[i]! / 1e6}`)).toEqual([
      'read 12',
      'web 9',
      'lock 1',
      'app 0',
      'flush -4',
    ]);
    expect(difference.before).toMatchObject({
      of: 'base',
      windows: 1,
      coveredMs: 1000,
      value: 6e6,
      fromMs: 0,
    });
    expect(difference.after).toMatchObject({ of: 'page', windows: 1, value: 15e6, fromMs: 1000 });
  });

  it('is turned round by one flag, whatever the sides are', () => {
    const { view } = stage(heldOf(EARLIER, LATER));
    const base: Base = { ...SAME_BASE, time: { kind: 'before', agoMs: 1000 } };
    const swapped = view(base, { isSwapped: true });
    expect(printed(swapped)[0]).toBe('all 15 → 6');
    expect(swapped.difference).toMatchObject({ before: { of: 'page' }, after: { of: 'base' } });
    expect(swapped.tree!.totalValue[0], 'what the page shows elsewhere stays').toBe(15e6);
  });

  it('compares shares, or time a second, when asked to', () => {
    const { view } = stage(heldOf(EARLIER, LATER, windowAt(2, {})));
    const base: Base = { ...SAME_BASE, time: { kind: 'fixed', fromMs: 0, toMs: 1000 } };
    expect(printed(view(base, { scaling: 'share' }))[0]).toBe('all 15 → 15');
    const longer = { span: { kind: 'fixed', fromMs: 1000, toMs: 3000 } } as const;
    expect(printed(view(base, { scaling: 'time' }, longer))[0], 'twice as long').toBe('all 12 → 15');
  });

  it('says which rule it took where the one asked for has no meaning', () => {
    const { view } = stage(heldOf(EARLIER, LATER));
    const { difference } = view(
      { ...SAME_BASE, time: { kind: 'before', agoMs: 60_000 } },
      { scaling: 'share' },
    );
    expect(difference).toMatchObject({
      scaling: 'none',
      scalingWhy: 'one side is empty',
      before: { windows: 0 },
    });
  });

  it('follows windows that come, as a new span would show them', () => {
    const held = heldOf(EARLIER, LATER);
    const { view } = stage(held);
    const base: Base = { ...SAME_BASE, time: { kind: 'before', agoMs: 1000 } };
    const live = { span: { kind: 'last', lengthMs: 1000 } } as const;
    expect(printed(view(base, {}, live))[0]).toBe('all 6 → 15');
    held.addDecoded(windowAt(2, { app: { tgid: 10, waits: { read: 100 } } })(held.tables));
    expect(printed(view(base, {}, live))[0]).toBe('all 15 → 100');
  });

  it('does not drop the base while it is looked at, however old it is', () => {
    const held = heldOf(EARLIER, LATER);
    const difference = {
      base: { ...SAME_BASE, time: { kind: 'fixed', fromMs: 0, toMs: 1000 } },
      scaling: 'none',
      isSwapped: false,
    } as const;
    held.evict(60_000, { ...SELECTION, difference });
    expect(held.shelved.map(({ sequence }) => sequence)).toEqual([0, 1]);
    held.evict(60_000, SELECTION);
    expect(held.shelved.map(({ sequence }) => sequence)).toEqual([1]);
  });
});

describe('the difference of two processes', () => {
  it('takes the other of the same stretch', () => {
    const { view } = stage(heldOf(LATER));
    const update = view({ ...SAME_BASE, process: 20 }, {}, { query: { ...SELECTION.query, tgids: [10] } });
    expect(printed(update)).toEqual([
      'all 9 → 6',
      'app 0 → 6',
      'app;lock 0 → 1',
      'app;read 0 → 5',
      'web 9 → 0',
      'web;read 9 → 0',
    ]);
    expect(update.difference).toMatchObject({
      before: { processes: { name: 'web', tgids: [20] } },
      after: { processes: { name: 'app', tgids: [10] } },
    });
  });
});

describe('the difference of two hosts', () => {
  const THERE = windowAt(1, {
    app: { tgid: 77, waits: { read: 3 } },
    other: { tgid: 10, waits: { nap: 50 } },
  });

  function withHost(state: HostFeed['state']) {
    const opened: string[] = [];
    const closed: string[] = [];
    const scene = stage(heldOf(LATER), {
      openHost: (hostId) => {
        opened.push(hostId);
        return { hostId, state, select() {}, close: () => void closed.push(hostId) } as unknown as HostFeed;
      },
    });
    return { ...scene, opened, closed };
  }

  it('takes a process by its name, as its number means nothing there', () => {
    const { view } = withHost({ state: 'ready', held: heldOf(THERE) });
    const base: Base = { ...SAME_BASE, source: { kind: 'host', id: 'there' } };
    const update = view(base, {}, { query: { ...SELECTION.query, tgids: [10] } });
    expect(printed(update)).toEqual(['all 3 → 6', 'app 3 → 6', 'app;lock 0 → 1', 'app;read 3 → 5']);
    expect(update.difference).toMatchObject({
      before: { name: 'there', processes: { name: 'app', tgids: [77] } },
    });
  });

  it('opens one stream a base and closes it with it', () => {
    const { view, opened, closed, differences } = withHost({ state: 'waiting', words: 'Waiting.' });
    const there: Base = { ...SAME_BASE, source: { kind: 'host', id: 'there' } };
    expect(view(there).difference).toMatchObject({ state: 'waiting', words: 'Waiting.' });
    view({ ...there, process: 20 });
    expect(opened).toEqual(['there']);
    view({ ...SAME_BASE, source: { kind: 'host', id: 'here' }, time: { kind: 'before', agoMs: 1000 } });
    expect(opened, 'the host that is shown has a stream').toEqual(['there']);
    expect(closed).toEqual(['there']);
    differences.select(SELECTION);
    expect(closed).toEqual(['there']);
  });
});

describe('a file as a base', () => {
  const folded = new Blob(['app;read 7\napp;sweep 1\n']);

  it('is read when it is named, and compared by shares where its unit is another', async () => {
    const { view, differences, changes } = stage(heldOf(LATER));
    const base: Base = { ...SAME_BASE, source: { kind: 'file', name: 'before.folded' } };
    expect(view(base).difference).toMatchObject({ state: 'failed', hint: 'Choose it again.' });
    differences.giveFile('before.folded', folded);
    expect(view(base).difference).toMatchObject({ state: 'waiting', words: 'Reading before.folded…' });
    await expect.poll(changes).toBeGreaterThan(1);
    const { difference } = view(base);
    expect(difference).toMatchObject({
      state: 'ready',
      scaling: 'share',
      before: { name: 'before.folded', value: 8 },
    });
    expect(difference?.state === 'ready' && difference.scalingWhy).toMatch(
      /^before is in count, after in nano/,
    );
  });

  it('that cannot be read says what is wrong with it', async () => {
    const { view, differences, changes } = stage(heldOf(LATER));
    const base: Base = { ...SAME_BASE, source: { kind: 'file', name: 'broken' } };
    differences.giveFile('broken', new Blob([new Uint8Array([0, 1, 2, 3, 255])]));
    view(base);
    await expect.poll(changes).toBeGreaterThan(1);
    const { difference } = view(base);
    expect(difference).toMatchObject({ state: 'failed' });
    expect(difference?.state === 'failed' && difference.hint).toMatch(/Known by content/);
  });

  it('that is a snapshot which is gone says so in the words of the hub', async () => {
    const { view, changes } = stage(heldOf(LATER));
    const base: Base = { ...SAME_BASE, source: { kind: 'snapshot', id: 'AAAAAAAAAAAAAAAAAAAAAA' } };
    expect(view(base).difference).toMatchObject({ state: 'waiting' });
    await expect.poll(changes).toBeGreaterThan(0);
    expect(view(base).difference).toMatchObject({ message: 'The snapshot cannot be had: there is none' });
  });
});
