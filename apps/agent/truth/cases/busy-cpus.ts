/** Owns the cases in which every CPU is busy: preemption, and interrupts on top of threads that have nothing to do with them. */
import type { KnownWaker, TruthCase } from '../known.js';

const TIMER: KnownWaker = { interrupt: 'timer' };

/** The waiters are processes, gone when the last window ends, and on a busy host that may be a long one. */
const RECEIVE = { comm: 'receiver', in: 'receive_here', kernelFrame: '__skb_wait_for_more_packets' };
const NAP = { comm: 'napper', in: 'nap_here', kernelFrame: 'hrtimer_nanosleep' };
const TIME_OUT = { comm: 'timeouter', in: 'time_out_here', kernelFrame: '__skb_wait_for_more_packets' };

function interruptsOnTopOf(busy: 'none' | 'user' | 'calls' | 'network'): TruthCase {
  return {
    name: `timers and packets wake others on CPUs that are busy with: ${busy}`,
    workload: (draws) => ['packets', 1_500, draws.between(1_000, 3_000), busy],
    // So that it is known that CPUs hand packets to each other.
    before: ['packets', 20, 1_000, 'none'],
    expect: () => ({
      // Where a CPU has much to do, one switch that is not seen hides a wait for it of many slices.
      threads: busy === 'none',
      innocent: /^busy-/,
      waits: [
        { ...RECEIVE, wakers: [[{ interrupt: 'network receive' }]], shortShare: 0 },
        { ...NAP, wakers: [[TIMER]], shortShare: 0 },
        { ...TIME_OUT, wakers: [[TIMER]], shortShare: 0 },
      ],
      bounds: [NAP, TIME_OUT, RECEIVE],
    }),
    sampledTauNs: 5_000_000,
  };
}

export const BUSY_CPU_CASES: readonly TruthCase[] = [
  {
    name: 'threads that share the CPUs are preempted',
    workload: (draws) => ['crowd', 1_500, draws.between(2, 4)],
    expect: () => ({ threads: true, waits: [] }),
    sampledTauNs: 20_000_000,
  },
  interruptsOnTopOf('none'),
  interruptsOnTopOf('user'),
  interruptsOnTopOf('calls'),
  interruptsOnTopOf('network'),
];
