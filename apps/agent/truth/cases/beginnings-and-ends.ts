/** Owns the cases in which threads and processes begin and end: fork storms, short lives, exits while blocked or waking. */
import type { KnownWaker, TruthCase } from '../known.js';

const TIMER: KnownWaker = { interrupt: 'timer' };

const CHILD_NAP = { in: 'child_nap', kernelFrame: 'hrtimer_nanosleep' };

function storm(how: 'fork' | 'exec', child: string): TruthCase {
  return {
    name: `a storm of short-lived processes by ${how}`,
    workload: (draws) => ['forks', draws.seed(), 15, draws.between(20, 40), 40_000, how],
    expect: () => ({
      threads: false,
      waits: [{ ...CHILD_NAP, comm: child, wakers: [[TIMER]], shortShare: 0 }],
      bounds: [{ ...CHILD_NAP, comm: child }],
    }),
    sampledTauNs: 50_000_000,
  };
}

function ended(how: string, waiter: string, where: string, wakers: KnownWaker[][]): TruthCase {
  const place = { comm: waiter, in: where, kernelFrame: 'do_futex' };
  return {
    name: `waits that end with their ${how === 'leave' ? 'thread, which wakes another' : `process (${how})`}`,
    workload: (draws) => ['enders', how, 60, draws.between(10_000, 20_000)],
    expect: () => ({
      threads: false,
      waits: [{ ...place, wakers, shortShare: 0.02 }],
      bounds: [place],
    }),
    sampledTauNs: 25_000_000,
  };
}

export const BEGINNING_AND_END_CASES: readonly TruthCase[] = [
  storm('fork', 'child'),
  storm('exec', 'short-lived'),
  ended('group', 'stuck', 'wait_for_ever', [[{ comm: 'ender' }], [TIMER]]),
  ended('kill', 'stuck', 'wait_for_ever', [[{ comm: 'undertaker', in: 'kill_it' }], [TIMER]]),
  ended('leave', 'joiner', 'wait_for_leaver', [[{ comm: 'leaver' }], [TIMER]]),
];
