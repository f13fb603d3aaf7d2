import { expect, test } from 'vitest';
import { failuresOf, judge } from './judge.js';
import type { Expectations, Known, KnownWait } from './known.js';
import type { Seen, SeenWait, SeenWaker } from './seen.js';

const TIMER: SeenWaker = { comm: '[timer]', isInterrupt: true, frames: new Set() };
const GIVER: SeenWaker = { comm: 'giver', isInterrupt: false, frames: new Set(['give', 'main']) };
const SPINNER: SeenWaker = { comm: 'busy-1', isInterrupt: false, frames: new Set(['spin']) };

/** 100 waits of 10 ms, each ended by giver in give, whom the timer woke. */
const EXPECTED: Expectations = {
  threads: true,
  innocent: /^busy-/,
  waits: [
    {
      comm: 'taker',
      in: 'take',
      wakers: [[{ comm: 'giver', in: 'give' }], [{ interrupt: 'timer' }]],
      shortShare: 0,
    },
  ],
  bounds: [{ comm: 'taker', in: 'take' }],
};

function known(change: Partial<KnownWait> = {}): Known {
  const wait = {
    in: 'take',
    count: 100,
    slept: 100,
    whole: 100,
    askedNs: 1e9,
    tookNs: 1.02e9,
    longestNs: 12e6,
  };
  return {
    threads: [
      {
        name: 'taker',
        tgid: 7,
        tid: 7,
        elapsedNs: 1.03e9,
        cpuNs: 1e7,
        queuedNs: 1e7,
        bornQueuedNs: 1e7,
        blocks: 100,
        waits: [{ ...wait, ...change }],
      },
    ],
  };
}

function wait(captures: number, change: Partial<SeenWait> = {}): SeenWait {
  return {
    tgid: 7,
    tid: 7,
    comm: 'taker',
    kind: 'blocked',
    state: 'S',
    frames: new Set(['take', 'main']),
    wakers: [GIVER, TIMER],
    end: 'interrupt',
    captures,
    ns: captures * 10.1e6,
    varianceNs2: 0,
    ...change,
  };
}

const QUEUED = wait(100, { kind: 'runq', wakers: [], end: 'unknown', ns: 1e7 });

function seen(waits: SeenWait[], losses: Record<string, number> = {}, tauNs = 0): Seen {
  const sum = (kind: string): number =>
    waits.reduce((total, { kind: own, ns }) => total + (own === kind ? ns : 0), 0);
  const blockedCount = waits.reduce(
    (total, { kind, captures }) => total + (kind === 'blocked' ? captures : 0),
    0,
  );
  const thread = {
    blockedNs: sum('blocked'),
    runqNs: sum('runq'),
    preemptedNs: 0,
    blockedCount,
    runqCount: 100,
  };
  return { waits, threads: new Map([['7 7', thread]]), losses, tauNs };
}

/** What of the judgement failed. */
function failures(waits: SeenWait[], losses?: Record<string, number>, truth = known()): string[] {
  return failuresOf(judge(EXPECTED, truth, seen(waits, losses)));
}

test('what is as known passes', () => {
  expect(failures([wait(100), QUEUED])).toEqual([]);
});

test('one wrong waker fails, at any level and by function too', () => {
  const wrong: SeenWaker[][] = [
    [TIMER],
    [{ ...GIVER, frames: new Set(['main']) }, TIMER],
    [GIVER, GIVER],
    [GIVER, TIMER, TIMER],
  ];
  for (const wakers of wrong) {
    const found = failures([wait(99), wait(1, { wakers, end: 'cause' }), QUEUED]);
    expect(found.join()).toMatch(/^wrong wakers of taker in take: saw 1/);
  }
});

test('a thread that has nothing to do with it is never a waker', () => {
  const found = failures([wait(99), wait(1, { wakers: [GIVER, SPINNER], end: 'cause' }), QUEUED]);
  expect(found.join()).toContain('innocent threads blamed: saw 1');
  expect(found.join()).toContain('busy-1 (spin)');
});

test('an unknown waker is excused by a loss that was counted, and by nothing else', () => {
  const waits = [wait(99), wait(1, { wakers: [], end: 'unknown' }), QUEUED];
  expect(failures(waits).join()).toMatch(/^unknown wakers/);
  expect(failures(waits, { 'wake-missed': 1 })).toEqual([]);
});

test('a chain that ends early is excused as often as the workload says that its waker had not slept', () => {
  const waits = [wait(97), wait(3, { wakers: [GIVER], end: 'cause' }), QUEUED];
  expect(failures(waits).join()).toMatch(/^short chains/);
  expect(failures(waits, {}, known({ whole: 97 }))).toEqual([]);
});

test('a rare waker is excused as often as it may stand there', () => {
  const rare: Expectations = {
    ...EXPECTED,
    waits: [
      {
        ...EXPECTED.waits[0]!,
        wakers: [
          [
            { comm: 'giver', in: 'give' },
            { interrupt: 'timer', atMost: 0.03 },
          ],
          [{ interrupt: 'timer' }],
        ],
      },
    ],
  };
  const failing = (count: number): string[] => {
    const waits = [wait(100 - count), wait(count, { wakers: [TIMER] }), QUEUED];
    return failuresOf(judge(rare, known(), seen(waits)));
  };
  expect(failing(3)).toEqual([]);
  expect(failing(4).join()).toMatch(/^rare wakers of taker in take: saw 4/);
});

test('time that is missing fails beyond 1 %, waits that are missing too, and a counted loss excuses its own', () => {
  const short = failures([wait(100, { ns: 0.975e9 }), QUEUED]);
  expect(short.join()).toContain('blocked at least as asked: taker in take');
  expect(short.join()).toContain('off CPU at least, all threads');
  expect(failures([wait(95), QUEUED]).join()).toContain('waits of taker in take: saw 95, known 100');
  expect(failures([wait(95), QUEUED], { 'switch-missed': 5 })).toEqual([]);
});

test('time that is too much fails', () => {
  const found = failures([wait(100, { ns: 1.05e9 }), QUEUED]).join();
  expect(found).toContain('off CPU at most as it took: taker in take');
  expect(found).toContain('blocked at most, all threads');
});

test('nothing seen is no pass', () => {
  expect(failures([]).length).toBeGreaterThan(3);
});

test('a sampled total may be off by its own stated error and no more', () => {
  const sampled = (ns: number): string[] => {
    const row = wait(50, { ns, varianceNs2: 1e14 });
    const { threads } = seen([wait(100), QUEUED]);
    return failuresOf(judge({ ...EXPECTED, bounds: [] }, known(), { ...seen([row], {}, 1e6), threads }));
  };
  // 1.02 s of waits, ± 10 ms.
  expect(sampled(1.05e9)).toEqual([]);
  expect(sampled(1.07e9).join()).toContain('sampled total beside the exact counters');
  expect(sampled(0.97e9).join()).toContain('sampled total beside the exact counters');
});
