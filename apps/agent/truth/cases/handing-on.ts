/** Owns the cases in which tasks wake tasks: chains, ping-pongs, locks, semaphores, servers. */
import type { ExpectedWait, KnownWaker, TruthCase } from '../known.js';

const TIMER: KnownWaker = { interrupt: 'timer' };
const PACKET: KnownWaker = { interrupt: 'network receive' };
/**
 * What a task sends over loopback is received as it leaves its own local_bh_enable, or by an interrupt that comes in the
 * instant between its last instruction with softirqs off and that. Seen about once in 30,000 packets.
 */
const OVERTAKEN: KnownWaker = { interrupt: 'network receive', atMost: 0.002 };

/** Who may stand beside the sender of a packet over loopback. Where CPUs hand packets to each other nobody is named. */
function receiversOf(medium: string, packetsAreSteered: boolean): KnownWaker[] {
  if (medium !== 'tcp') return [];
  return [packetsAreSteered ? PACKET : OVERTAKEN];
}

function stage(k: number): KnownWaker {
  return { comm: `stage-${k}`, in: `stage_${k}_pass` };
}

/** An open row of stages: behind each the one before, behind the first the timer. */
function rowOfStages(medium: string, stages: [number, number], where: 'threads' | 'processes'): TruthCase {
  return {
    name: `a chain over ${medium}, ${stages[0]} to ${stages[1]} ${where}`,
    workload: (draws) => [
      'relay',
      medium,
      draws.between(...stages),
      where === 'processes' ? 1 : 0,
      400,
      draws.between(2_500, 3_500),
    ],
    expect: ({ threads }, { packetsAreSteered }) => ({
      threads: true,
      waits: [
        { comm: 'stage-0', in: 'stage_0_sleep', wakers: [[TIMER]], shortShare: 0 },
        ...threads.slice(1).map((_, i): ExpectedWait => {
          // In the first round the last wake of a stage is the one by which it was made.
          const before: KnownWaker[][] = Array.from({ length: i + 1 }, (_, k) =>
            k === 0 ? [stage(i)] : [stage(i - k), { comm: 'relay' }],
          );
          for (const level of before) level.push(...receiversOf(medium, packetsAreSteered));
          return {
            comm: `stage-${i + 1}`,
            in: `stage_${i + 1}_wait`,
            wakers: [...before, [TIMER, { comm: 'relay' }]],
            shortShare: 0.01,
          };
        }),
      ],
      bounds: [
        { comm: 'stage-0', in: 'stage_0_sleep' },
        ...threads.slice(1).map((_, i) => ({ comm: `stage-${i + 1}`, in: `stage_${i + 1}_wait` })),
      ],
    }),
    sampledTauNs: 10_000_000,
  };
}

/** A ring of two: each is woken by the other one, which has waited for nobody else. */
function pingPong(medium: string, where: 'threads' | 'processes'): TruthCase {
  return {
    name: `a ping-pong over ${medium} between ${where}`,
    workload: (draws) => [
      'relay',
      medium,
      2,
      where === 'processes' ? 1 : 0,
      draws.between(60_000, 80_000),
      0,
    ],
    expect: () => ({
      threads: false,
      waits: [0, 1].map((mine) => ({
        comm: `stage-${mine}`,
        in: `stage_${mine}_wait`,
        // What is behind is short: they have been waking each other all the time. The first wake is to be made.
        wakers: [[stage(1 - mine)]],
        beyond: [stage(0), stage(1), { comm: 'relay' }],
        shortShare: 0,
      })),
      bounds: [0, 1].map((mine) => ({ comm: `stage-${mine}`, in: `stage_${mine}_wait` })),
    }),
    // Processes that are gone when their first window ends have no names of frames.
    windowMs: 50,
    sampledTauNs: 100_000,
  };
}

export const HANDING_ON_CASES: readonly TruthCase[] = [
  rowOfStages('pipe', [6, 8], 'processes'),
  rowOfStages('futex', [6, 8], 'threads'),
  rowOfStages('semaphore', [2, 5], 'processes'),
  rowOfStages('eventfd', [2, 5], 'threads'),
  rowOfStages('socketpair', [3, 6], 'threads'),
  // A send over loopback runs the receiver's side in the sender's own system call: the sender is the waker.
  rowOfStages('tcp', [3, 5], 'processes'),
  pingPong('pipe', 'processes'),
  pingPong('futex', 'threads'),
  {
    name: 'a convoy for a mutex',
    workload: (draws) => ['mutex', draws.seed(), draws.between(3, 6), 1_500, 300, 4_000],
    expect: () => ({
      threads: true,
      waits: [
        { comm: /^owner-\d$/, in: 'hold_lock', wakers: [[TIMER]], shortShare: 0 },
        {
          comm: /^owner-\d$/,
          in: 'wait_for_lock',
          wakers: [[{ comm: /^owner-\d$/, in: 'give_back' }], [TIMER]],
          // One that holds the lock and is awake already when another begins to wait is the cause.
          shortShare: 0.02,
        },
      ],
      bounds: [
        { comm: /^owner-\d$/, in: 'hold_lock' },
        { comm: /^owner-\d$/, in: 'wait_for_lock' },
      ],
    }),
    sampledTauNs: 5_000_000,
  },
  {
    name: 'a convoy for a condition variable',
    workload: (draws) => ['condvar', draws.between(3, 8), 300, draws.between(2_000, 5_000)],
    expect: () => ({
      threads: true,
      waits: [
        { comm: 'broadcaster', in: 'gather_news', wakers: [[TIMER]], shortShare: 0 },
        {
          comm: /^waiter-\d$/,
          in: 'wait_for_news',
          wakers: [[{ comm: 'broadcaster', in: 'tell_all' }], [TIMER]],
          shortShare: 0.01,
        },
      ],
      bounds: [
        { comm: 'broadcaster', in: 'gather_news' },
        { comm: /^waiter-\d$/, in: 'wait_for_news' },
      ],
    }),
    sampledTauNs: 10_000_000,
  },
  {
    name: 'a producer and a consumer with semaphores',
    workload: (draws) => ['buffer', draws.seed(), draws.between(3, 8), 1_200, 2_000],
    expect: () => ({
      threads: true,
      waits: [
        { comm: 'producer', in: 'make_slowly', wakers: [[TIMER]], shortShare: 0 },
        { comm: 'consumer', in: 'use_slowly', wakers: [[TIMER]], shortShare: 0 },
        {
          comm: 'consumer',
          in: 'wait_for_item',
          wakers: [[{ comm: 'producer', in: 'give_item' }], [TIMER, { comm: 'consumer', in: 'give_slot' }]],
          shortShare: 0.15,
        },
        {
          comm: 'producer',
          in: 'wait_for_slot',
          wakers: [[{ comm: 'consumer', in: 'give_slot' }], [TIMER, { comm: 'producer', in: 'give_item' }]],
          // Where one is quick again while the other still is, neither sleeps for long.
          shortShare: 0.15,
        },
      ],
      bounds: [
        { comm: 'producer', in: 'make_slowly' },
        { comm: 'consumer', in: 'use_slowly' },
        { comm: 'producer', in: 'wait_for_slot' },
        { comm: 'consumer', in: 'wait_for_item' },
      ],
    }),
    sampledTauNs: 3_000_000,
  },
  ...['socketpair', 'tcp'].map(
    (medium): TruthCase => ({
      name: `an epoll server and its clients over ${medium}`,
      workload: (draws) => ['epoll-server', draws.seed(), medium, draws.between(2, 5), 250, 5_000],
      expect: (_, { packetsAreSteered }) => ({
        threads: true,
        waits: [
          { comm: /^client-\d$/, in: 'client_think', wakers: [[TIMER]], shortShare: 0 },
          { comm: 'server', in: 'serve_work', wakers: [[TIMER]], shortShare: 0 },
          {
            comm: 'server',
            in: 'serve_wait',
            wakers: [
              [{ comm: /^client-\d$/, in: 'client_send' }, ...receiversOf(medium, packetsAreSteered)],
              [TIMER],
            ],
            // A server that is kept from its CPU on its way to sleep.
            shortShare: 0.01,
          },
          {
            comm: /^client-\d$/,
            in: 'client_wait',
            // Room in a socketpair, made by the server as it reads, wakes who waits to read from it: in vain.
            wakers: [
              [
                { comm: 'server', in: 'serve_reply' },
                { comm: 'server', in: 'serve_read' },
                ...receiversOf(medium, packetsAreSteered),
              ],
              [TIMER, { comm: /^client-\d$/, in: 'client_send' }, { comm: 'epoll-server' }],
              [TIMER],
            ],
            shortShare: medium === 'socketpair' ? 1 : 0.05,
            isCountOpen: medium === 'socketpair',
          },
        ],
        bounds: [
          { comm: /^client-\d$/, in: 'client_think' },
          { comm: /^client-\d$/, in: 'client_wait' },
          { comm: 'server', in: 'serve_wait' },
          { comm: 'server', in: 'serve_work' },
        ],
      }),
      sampledTauNs: 5_000_000,
    }),
  ),
];
