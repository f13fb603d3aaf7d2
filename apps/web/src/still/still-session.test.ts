import {
  appendProcess,
  appendRow,
  appendThread,
  emptyWindow,
  KINDS,
  NONE,
  PLAIN_SHAPE,
  ProfileTables,
  type ProfileWindow,
  STATES,
} from '@stallscope/profile';
import { readWindowFile, WindowFileWriter } from '@stallscope/protocol';
import { describe, expect, it } from 'vitest';
import { NOTHING_BESIDE } from '../live/live-messages';
import type { FromStillWorker, StillSelection, ToStillWorker } from './still-messages';
import { StillSession } from './still-session';
import { StillStore } from './still-store';

const HOST = {
  id: 'h1',
  name: 'web-1',
  kernel: '6.18',
  arch: 'x86_64',
  cpus: 2,
  memoryBytes: 1,
  bootId: 'b',
  os: 'Debian',
  capabilities: [],
};

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

const NOTE = { title: 'x', notes: '', tags: [], author: '', createdAtMs: 0, view: '' };

/** Window n lasts from n to n + 1 s; in it `app` waits n + 1 ms in `read`, and `db` one ms in `fsync`. */
function windowFile(windows: number): Blob {
  const tables = new ProfileTables();
  const writer = new WindowFileWriter(tables);
  const parts = [writer.start({ host: HOST, title: 'a test', recordedAtMs: 0, windowMs: 1000 })];
  const append = (window: ProfileWindow, tgid: number, name: string, leaf: string, ns: number): void => {
    const comm = tables.internString(name);
    const frame = { name: tables.internString(leaf), module: 0, space: 1 as const, unnamed: 0 as const };
    appendRow(window.rows, {
      tgid,
      tid: tgid,
      comm,
      cgroup: 0,
      kind: KINDS.indexOf('blocked'),
      state: STATES.indexOf('S'),
      userStack: NONE,
      kernelStack: tables.internFrames([tables.internFrame(frame)]),
      chain: NONE,
      bucket: 20,
      captures: 1,
      estimatedCount: 1,
      estimatedNs: ns,
      varianceNs2: 0,
    });
    const none = { runqNs: 0, preemptedNs: 0, onCpuNs: 0, runqCount: 0, preemptedCount: 0 };
    appendThread(window.threads, { tgid, tid: tgid, comm, blockedNs: ns, blockedCount: 1, ...none });
    appendProcess(window.processes, { tgid, name: comm });
  };
  for (let n = 0; n < windows; n++) {
    const window = emptyWindow({ sequence: n, startMs: n * 1000, endMs: (n + 1) * 1000, tauNs: 0 });
    append(window, 10, 'app', 'read', (n + 1) * 1e6);
    append(window, 20, 'db', 'fsync', 1e6);
    window.losses['wake-missed'] = 1;
    parts.push(writer.window(window));
  }
  return new Blob(parts);
}

/** A page and its worker, with a message queue between them that is a real one's but for the thread. */
function stage() {
  const due: (() => void)[] = [];
  const store = new StillStore((events) => {
    const session = new StillSession({
      post: (message, transfer) =>
        events.onMessage(structuredClone(message, { transfer }) as FromStillWorker),
      soon: (run) => void due.push(run),
    });
    return { post: (message: ToStillWorker) => void session.handle(message), close: () => {} };
  });
  return {
    store,
    async settled(): Promise<ReturnType<StillStore['snapshot']>> {
      for (let round = 0; round < 20; round++) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        for (const run of due.splice(0)) run();
      }
      return store.snapshot();
    },
  };
}

async function opened(file: Blob, selection: StillSelection = ALL) {
  const staged = stage();
  staged.store.select(selection);
  staged.store.open(file, 'a.stallscope');
  const { still, view } = await staged.settled();
  if (still.state !== 'open' || view === null) throw new Error(`not open: ${JSON.stringify(still)}`);
  return { ...staged, facts: still.facts, view };
}

describe('a still', () => {
  it('shows all of a file, with what is known of it', async () => {
    const { facts, view } = await opened(windowFile(3));
    expect(facts).toMatchObject({ kind: 'windows', windows: 3, fromMs: 0, toMs: 3000, lost: 3, cut: false });
    expect(facts).toMatchObject({ host: { name: 'web-1' }, waitedNs: 9e6 });
    expect(view.tree?.totalValue[0]).toBe(9e6);
    expect(view.shown).toMatchObject({ windows: 3, coveredMs: 3000, newestMs: 3000 });
    expect(view.processes.name).toEqual(['app', 'db']);
  });

  it('answers each selection: a stretch of time, a process, a search', async () => {
    const { store, settled } = await opened(windowFile(3));
    store.select({ ...ALL, span: { kind: 'fixed', fromMs: 1000, toMs: 2000 } });
    expect((await settled()).view?.tree?.totalValue[0]).toBe(3e6);
    store.select({ ...ALL, query: { ...ALL.query, tgids: [20] } });
    expect((await settled()).view?.tree?.totalValue[0]).toBe(3e6);
    store.select({ ...ALL, search: 'fsync' });
    expect((await settled()).view?.matchedValue).toBe(3e6);
  });

  it('makes a file of the stretch shown that opens as the same, whole, whatever the filters leave out', async () => {
    const selection: StillSelection = {
      ...ALL,
      span: { kind: 'fixed', fromMs: 0, toMs: 2000 },
      query: { ...ALL.query, tgids: [20] },
    };
    const { store } = await opened(windowFile(3), selection);
    const note = { title: 'kept', notes: 'n', tags: ['t'], author: 'a', createdAtMs: 7, view: 'p=20' };
    const made = await store.make({ kind: 'kept', note });
    if (made.kind !== 'kept') throw new Error(JSON.stringify(made));
    expect(made).toMatchObject({ fromMs: 0, toMs: 2000, windows: 2, waitedNs: 5e6, lost: 2 });
    const read = readWindowFile(made.bytes, new ProfileTables());
    expect(read.header).toMatchObject({ host: HOST, title: 'kept', windowMs: 1000, snapshot: note });
    const again = await opened(new Blob([made.bytes]));
    expect(again.view.processes.name).toEqual(['app', 'db']);
    expect(again.view.tree?.totalValue[0]).toBe(5e6);
  });

  it('gives the present view in another format', async () => {
    const { store } = await opened(windowFile(2), { ...ALL, query: { ...ALL.query, tgids: [10] } });
    const made = await store.make({ kind: 'export', format: 'folded', note: NOTE });
    if (made.kind !== 'export') throw new Error(JSON.stringify(made));
    expect(new TextDecoder().decode(made.bytes)).toBe('app;read 3000\n');
    expect(made.lost.length).toBeGreaterThan(0);
  });

  it('shows what a share link would leave', async () => {
    const { store } = await opened(windowFile(1));
    const reduce = { hostNames: true, processNames: true, addresses: false, arguments: false };
    const about = { hostName: 'web-1', hostId: 'id-of-web', title: 'app on web-1', notes: '', author: 'Ada' };
    const made = await store.make({ kind: 'reduction', reduce, about });
    if (made.kind !== 'reduction') throw new Error(JSON.stringify(made));
    const processes = made.kinds.find(({ name }) => name === 'process name');
    expect(processes).toMatchObject({ total: 2, changed: 2 });
    expect(processes?.examples.map(({ before }) => before)).toEqual(['app', 'db']);
    expect(processes?.examples.every(({ after }) => /^process-[0-9a-f]+\b/.test(after))).toBe(true);
    const words = made.kinds.slice(0, 4).map(({ name, examples }) => `${name}: ${examples[0]!.after}`);
    expect(words).toEqual([
      expect.stringMatching(/^title: process-[0-9a-f]+ on host-[0-9a-f]+$/),
      'author: Ada',
      expect.stringMatching(/^host name: host-/),
      expect.stringMatching(/^host id: host-/),
    ]);
  });

  it('reads what is whole of a file that was cut, and says so', async () => {
    const file = windowFile(3);
    const { facts } = await opened(file.slice(0, file.size - 5));
    expect(facts).toMatchObject({ windows: 2, cut: true });
  });

  it('says what is wrong with a file, and opens the next', async () => {
    const { store, settled } = stage();
    store.select(ALL);
    store.open(new Blob(['\u0001\u0002\u0003 no profile']), 'odd.bin');
    const { still } = await settled();
    expect(still).toMatchObject({ state: 'refused', name: 'odd.bin' });
    store.open(windowFile(1), 'good.stallscope');
    expect((await settled()).still.state).toBe('open');
  });

  it('shows a profile of another tool in its own unit, searched and reshaped like waits', async () => {
    const { facts, view, store, settled } = await opened(new Blob(['shop;main;read 7\nshop;main;write 3\n']));
    expect(facts).toMatchObject({
      kind: 'samples',
      format: 'folded',
      profiles: [{ samples: 2, totals: [10] }],
    });
    expect(view).toMatchObject({ unit: 'count', answer: null, matchedValue: 0 });
    expect(view.samples).toMatchObject({ samples: 2, allSamples: 2, total: 10, allTotal: 10 });
    expect(view.tree?.totalValue[0]).toBe(10);
    store.select({ ...ALL, search: 'read', wants: { ...ALL.wants, functions: 'self' } });
    const searched = (await settled()).view;
    expect(searched?.matchedValue).toBe(7);
    expect(searched?.functions).toMatchObject({ table: { label: ['read'] }, matched: 1, total: 4 });
    store.select({ ...ALL, shape: { ...ALL.shape, focus: { label: 'write', role: 'user' } } });
    expect((await settled()).view?.tree?.totalValue[0]).toBe(3);
    const made = await store.make({ kind: 'export', format: 'folded', note: NOTE });
    if (made.kind !== 'export') throw new Error(JSON.stringify(made));
    expect(new TextDecoder().decode(made.bytes)).toBe('write 3\n');
    expect(made.lost[0]).toContain('as it is drawn');
  });

  it('shows a stretch of time where samples have times, and all of it in the strip', async () => {
    const evented = {
      $schema: 'https://www.speedscope.app/file-format-schema.json',
      shared: { frames: [{ name: 'main' }, { name: 'read' }] },
      profiles: [
        {
          type: 'evented',
          name: 'x',
          unit: 'milliseconds',
          startValue: 0,
          endValue: 100,
          events: [
            { type: 'O', frame: 0, at: 0 },
            { type: 'O', frame: 1, at: 40 },
            { type: 'C', frame: 1, at: 60 },
            { type: 'C', frame: 0, at: 100 },
          ],
        },
      ],
    };
    const { view, store, settled } = await opened(new Blob([JSON.stringify(evented)]));
    expect(view.samples?.timedSinceMs).toBe(0);
    const sum = (values: Float64Array): number => values.reduce((all, value) => all + value, 0);
    expect(sum(view.strip.blockedNs)).toBe(100e6);
    store.select({ ...ALL, span: { kind: 'fixed', fromMs: 40, toMs: 60 } });
    const stretch = (await settled()).view!;
    expect(stretch.tree?.totalValue[0]).toBe(20e6);
    expect(stretch.shown).toMatchObject({ fromMs: 40, toMs: 60, coveredMs: 20 });
    expect(sum(stretch.strip.blockedNs)).toBe(100e6);
  });

  it('says whose samples they are, and shows those of one process', async () => {
    const { store: exporting } = await opened(windowFile(2));
    const pprof = await exporting.make({ kind: 'export', format: 'pprof', note: NOTE });
    if (pprof.kind !== 'export') throw new Error(JSON.stringify(pprof));
    const { view, store, settled } = await opened(new Blob([pprof.bytes]));
    expect(view.unit).toBe('nanoseconds');
    expect(view.processes.tgid).toEqual([10, 20]);
    expect(view.processes.waitedNs).toEqual([3e6, 2e6]);
    store.select({ ...ALL, query: { ...ALL.query, tgids: [20] } });
    const one = (await settled()).view;
    expect(one?.tree?.totalValue[0]).toBe(2e6);
    expect(one?.samples).toMatchObject({ total: 2e6, allTotal: 5e6 });
    store.select({
      ...ALL,
      wants: {
        ...ALL.wants,
        details: { place: { kind: 'path', path: [{ label: 'db', role: 'comm' }] }, of: 'graph' },
      },
    });
    expect((await settled()).view?.sampleDetails?.details).toMatchObject({
      value: 2e6,
      threads: [{ tgid: 20, comm: 'db', value: 2e6 }],
      labels: [{ name: 'kind', values: [{ text: 'blocked', value: 2e6 }] }, { name: 'state' }],
    });
    store.select({ ...ALL, value: 'waits' });
    expect((await settled()).view).toMatchObject({ unit: 'count', samples: { total: 4 } });
  });
});
