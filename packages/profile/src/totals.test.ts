import { describe, expect, it } from 'vitest';
import { checkSeeds, nsFromText, nsToText, randomWindow, stacksFromText } from './fixtures/index.js';
import { FlameBuilder } from './flame-builder.js';
import { KINDS, type Kind, STATES } from './kinds.js';
import { type Query, VIEWS } from './query.js';
import { appendOpenWait, appendThread, emptyOpenWaits, emptyRows, emptyThreads } from './rows.js';
import { ProfileTables } from './tables.js';
import { openWaitsOf, totals, waitsByProcess, waitsByThread, windowTotals } from './totals.js';
import { rowsOfView } from './wall.js';
import type { Threads } from './window.js';

const OFF_CPU: Query = { view: 'off-cpu', kinds: ['blocked'] };

/** Lines `tgid/tid name blocked runq preempted`. */
function threadsFromText(text: string, tables: ProfileTables): Threads {
  const threads = emptyThreads();
  for (const line of text.trim().split('\n')) {
    const [ids, name, blocked, runq, preempted] = line.trim().split(/\s+/);
    const [tgid, tid] = ids!.split('/').map(Number);
    appendThread(threads, {
      tgid: tgid!,
      tid: tid!,
      comm: tables.internString(name!),
      blockedNs: nsFromText(blocked!),
      runqNs: nsFromText(runq!),
      preemptedNs: nsFromText(preempted!),
      onCpuNs: 0,
      blockedCount: 1,
      runqCount: 1,
      preemptedCount: 1,
    });
  }
  return threads;
}

const THREADS = `
  10/10 app    5us  2us 1us
  10/11 worker 40us 0us 0us
  20/20 db     9us  0us 3us
`;

describe('totals', () => {
  function checkExact(query: Partial<Query>, expected: string | undefined): void {
    const tables = new ProfileTables();
    const threads = threadsFromText(THREADS, tables);
    const { exactNs, exactMissing } = totals(tables, emptyRows(), threads, { ...OFF_CPU, ...query });
    expect(exactNs === undefined ? exactMissing : nsToText(exactNs)).toBe(expected);
  }

  it('has the exact time of what is selected', () => {
    checkExact({}, '54us');
    checkExact({ kinds: KINDS }, '60us');
    checkExact({ kinds: ['preempted'] }, '4us');
    checkExact({ tgids: [10] }, '45us');
    checkExact({ tids: [11, 20] }, '49us');
    checkExact({ comm: 'db', kinds: ['blocked', 'preempted'] }, '12us');
    checkExact({ comm: 'nobody' }, '0ns');
  });

  it('knows blocked time only in wakeup, as the graph', () => {
    checkExact({ view: 'wakeup', kinds: KINDS }, '54us');
  });

  it('says why there is no exact number once states are selected', () => {
    checkExact({ states: ['D'] }, 'states-selected');
    checkExact({ states: ['D'], kinds: ['runq'] }, '2us');
  });

  it('compares samples with it', () => {
    const tables = new ProfileTables();
    const { rows } = stacksFromText('app@10/10: f = 3us x2\n db@20/20: g = 24us x7', tables);
    rows.varianceNs2 = [9e6, 16e6];
    const threads = threadsFromText(THREADS, tables);
    expect(totals(tables, rows, threads, OFF_CPU)).toEqual({
      sampledNs: 27_000,
      varianceNs2: 25e6,
      standardErrorNs: 5_000,
      captures: 9,
      estimatedCount: 9,
      exactNs: 54_000,
      exactMissing: undefined,
      ratio: 0.5,
      ratioError: 5 / 54,
    });
  });

  it('has no ratio where nothing waited', () => {
    const tables = new ProfileTables();
    expect(totals(tables, emptyRows(), emptyThreads(), OFF_CPU)).toMatchObject({
      sampledNs: 0,
      exactNs: 0,
      ratio: undefined,
    });
  });

  it('agrees with the root of the graph, for any windows', () => {
    checkSeeds(40, (random) => {
      const tables = new ProfileTables();
      const windows = Array.from({ length: random.integer(0, 4) }, () => randomWindow(random, tables));
      const kinds = KINDS.filter(() => random.chance(0.6));
      const query: Query = { view: random.pick(VIEWS), kinds, tgids: [100, 200] };
      const sums = windowTotals(tables, windows, query);
      const builder = new FlameBuilder(tables);
      const roots = windows.map(
        (window) => builder.build(rowsOfView(window, query.view), query).totalValue[0]!,
      );
      expect(sums.sampledNs).toBe(roots.reduce((sum, ns) => sum + ns, 0));
    });
  });
});

describe('lists for the pickers', () => {
  function lines(kinds: readonly Kind[], tgids?: number[]): { processes: string[]; threads: string[] } {
    const tables = new ProfileTables();
    const threads = threadsFromText(THREADS, tables);
    const names = new Map([[10, 'server']]);
    return {
      processes: waitsByProcess(tables, threads, names, kinds).map(
        ({ name, tgid, waitedNs, threadCount }) => `${name} ${tgid} ${nsToText(waitedNs)} ${threadCount}`,
      ),
      threads: waitsByThread(tables, threads, kinds, tgids).map(
        ({ name, tid, waitedNs }) => `${name} ${tid} ${nsToText(waitedNs)}`,
      ),
    };
  }

  it('are ordered by time waited in the kinds asked for', () => {
    expect(lines(['blocked'])).toEqual({
      processes: ['server 10 45us 2', 'db 20 9us 1'],
      threads: ['worker 11 40us', 'db 20 9us', 'app 10 5us'],
    });
    expect(lines(['preempted', 'runq'])).toEqual({
      processes: ['db 20 3us 1', 'server 10 3us 2'],
      threads: ['app 10 3us', 'db 20 3us', 'worker 11 0ns'],
    });
  });

  it('keep every kind apart beside the sum', () => {
    const tables = new ProfileTables();
    const threads = threadsFromText(THREADS, tables);
    expect(waitsByProcess(tables, threads, new Map(), ['blocked'])[0]).toEqual({
      tgid: 10,
      name: 'app',
      blockedNs: 45_000,
      runqNs: 2_000,
      preemptedNs: 1_000,
      onCpuNs: 0,
      waitedNs: 45_000,
      threadCount: 2,
    });
  });

  it('can be of the threads of one process', () => {
    expect(lines(['blocked'], [10]).threads).toEqual(['worker 11 40us', 'app 10 5us']);
  });

  it('show a thread that renamed itself once, under its newer name', () => {
    const tables = new ProfileTables();
    const threads = threadsFromText(
      '5/5 sh 1us 0us 0us\n 5/5 make 2us 0us 0us\n 6/5 other 1us 0us 0us',
      tables,
    );
    const list = waitsByThread(tables, threads, ['blocked']);
    expect(list.map(({ name, tgid, waitedNs }) => `${name} ${tgid} ${nsToText(waitedNs)}`)).toEqual([
      'make 5 3us',
      'other 6 1us',
    ]);
  });
});

describe('open waits', () => {
  it('are listed by query, longest first', () => {
    const tables = new ProfileTables();
    const openWaits = emptyOpenWaits();
    const append = (tid: number, kind: Kind, state: (typeof STATES)[number], elapsedNs: number) =>
      appendOpenWait(openWaits, {
        tgid: 10,
        tid,
        comm: tables.internString('app'),
        kind: KINDS.indexOf(kind),
        state: STATES.indexOf(state),
        elapsedNs,
        sinceBeforeTracing: tid === 12 ? 1 : 0,
        userStack: -1,
        kernelStack: -1,
      });
    append(11, 'blocked', 'S', 5);
    append(12, 'blocked', 'D', 9);
    append(13, 'runq', 'R', 7);
    const tids = (query: Partial<Query>) =>
      openWaitsOf(tables, openWaits, { ...OFF_CPU, ...query }).map(({ tid }) => tid);
    expect(tids({})).toEqual([12, 11]);
    expect(tids({ kinds: KINDS })).toEqual([12, 13, 11]);
    expect(tids({ kinds: KINDS, states: ['S'] })).toEqual([13, 11]);
    expect(tids({ tids: [11] })).toEqual([11]);
    expect(tids({ tgids: [9] })).toEqual([]);
    expect(tids({ comm: 'db' })).toEqual([]);
    expect(openWaitsOf(tables, openWaits, OFF_CPU)[0]).toMatchObject({ isLowerBound: true, state: 'D' });
  });
});
