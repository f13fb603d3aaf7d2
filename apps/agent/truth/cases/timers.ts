/** Owns the cases in which a timer ends the waits: sleepers, alone, moved between CPUs, and under changing names. */
import type { KnownWaker, TruthCase } from '../known.js';

const TIMER: KnownWaker = { interrupt: 'timer' };

export const TIMER_CASES: readonly TruthCase[] = [
  {
    name: 'sleepers of many lengths',
    workload: (draws) => [
      'sleepers',
      draws.seed(),
      1_500,
      // An order of length each, whatever the seed; then two that draw every length anew.
      ...[50, 300, 2_000, 12_000, 70_000].map((from) => draws.length(from, 3 * from)),
      0,
      0,
    ],
    expect: () => ({
      threads: true,
      waits: [{ comm: /^nap-\d$/, in: 'nap_here', wakers: [[TIMER]], shortShare: 0 }],
      bounds: [{ comm: /^nap-\d$/, in: 'nap_here' }],
    }),
    sampledTauNs: 1_000_000,
  },
  {
    name: 'sleepers that are moved between CPUs',
    workload: (draws) => ['migrator', draws.seed(), 1_500, draws.between(1_500, 4_000)],
    expect: () => ({
      threads: true,
      waits: [{ comm: /^mover-\d$/, in: 'nap_here', wakers: [[TIMER]], shortShare: 0 }],
      bounds: [
        { comm: /^mover-\d$/, in: 'nap_here' },
        { comm: /^mover-[01]$/, in: 'move_here' },
      ],
    }),
    sampledTauNs: 5_000_000,
  },
  {
    name: 'a thread that takes name after name',
    workload: (draws) => ['renames', draws.between(30, 60), draws.between(2_000, 4_000), 8],
    expect: () => ({
      threads: true,
      waits: Array.from({ length: 8 }, (_, i) => ({
        comm: `name-${i}`,
        in: 'nap_here',
        wakers: [[TIMER]],
        shortShare: 0,
      })),
      bounds: Array.from({ length: 8 }, (_, i) => ({ comm: `name-${i}`, in: 'nap_here' })),
    }),
    sampledTauNs: 5_000_000,
  },
];
