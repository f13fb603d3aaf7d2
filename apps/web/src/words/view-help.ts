/** Owns the words of views, kinds, states and losses; they say the same as docs on semantics do. */
import { type Loss, type RowKind, type State, type View, WAIT_VIEWS } from '@stallscope/profile';

/** In the order of the tabs; the key of each is its place. */
export const VIEW_TABS: readonly View[] = ['cpu', ...WAIT_VIEWS, 'wall'];

export const VIEW_WORDS: Readonly<Record<View, { name: string; key: string; help: string }>> = {
  cpu: {
    name: 'CPU',
    key: '1',
    help: 'What threads ran: who was found on a CPU each time that it was sampled; width is samples × their period.',
  },
  'off-cpu': {
    name: 'Off-CPU',
    key: '2',
    help: 'Where threads were when they left the CPU: width is the time until they were woken.',
  },
  wakeup: {
    name: 'Wakeup',
    key: '3',
    help: 'Who ended the waits: the waker’s stack, then whom it woke; width is the blocked time that it ended.',
  },
  'off-wake': {
    name: 'Off-wake',
    key: '4',
    help: 'The waiting thread’s stack, then, after --, the stack of the waker that ended the wait.',
  },
  chain: {
    name: 'Chain',
    key: '5',
    help: 'As Off-wake, then whoever woke the waker, and so on, for as long as each was waiting itself; time is charged once.',
  },
  wall: {
    name: 'Wall',
    key: '6',
    help: 'Every instant of each thread: on CPU, blocked, in a run queue or preempted, and where; width is time, and all of a thread is its life in the span.',
  },
};

export const KIND_WORDS: Readonly<Record<RowKind, { name: string; help: string; colour: string }>> = {
  blocked: {
    name: 'blocked',
    help: 'Went off CPU by itself, until it was woken: locks, I/O, sleep.',
    colour: 'var(--blocked)',
  },
  runq: {
    name: 'run-queue',
    help: 'Woken and ready, until a CPU took it: too few CPUs.',
    colour: 'var(--runq)',
  },
  preempted: {
    name: 'preempted',
    help: 'Put off CPU while it could run, until it ran again.',
    colour: 'var(--preempted)',
  },
  'on-cpu': {
    name: 'on CPU',
    help: 'Ran: was found on a CPU when it was sampled.',
    colour: 'var(--on-cpu)',
  },
};

export const STATE_WORDS: Readonly<Record<State, string>> = {
  R: 'runnable',
  S: 'sleeping, a signal ends it',
  D: 'uninterruptible: disk, kernel locks',
  T: 'stopped',
  t: 'stopped by a debugger',
  X: 'dead',
  Z: 'zombie',
  P: 'parked',
  I: 'idle kernel thread',
  '?': 'state not known',
};

export const LOSS_WORDS: Readonly<Record<Loss, string>> = {
  'task-storage-refused':
    'The kernel refused memory for a thread’s times: its waits are missing until it gets some.',
  'row-map-full':
    'More distinct waits in one window than the row map holds: these intervals are in the exact counters only. Raise its size, or filter.',
  'stack-map-full':
    'More distinct stacks than the stack map holds: the time is counted, without frames. Raise its size, or raise τ.',
  'link-map-full': 'More wakers than the link map holds: these chains have no wakers.',
  'chain-map-full': 'More chains than the chain map holds: the time is counted, without its wakers.',
  'exited-map-full': 'More threads exited in one window than fit: the exact counters of some are missing.',
  'stack-error': 'The kernel could not walk a stack; the time is counted, without frames.',
  'stack-truncated': 'A stack had more frames than are taken: its root end is cut off.',
  'wake-missed':
    'A blocked thread ran though no wake was seen: all of the wait counts as blocked, by no known waker.',
  'stack-unknown': 'A row names a stack that was no longer in the map when it was read.',
  'chain-unknown': 'A row names a chain that was no longer in the map when it was read.',
  'open-waits-cut': 'More threads waiting right now than are listed; no total is affected.',
  'program-recursion':
    'The probe was not run because it was already running on that CPU: switches were missed.',
  'uplink-dropped': 'The agent could not reach the hub for long, and dropped its oldest windows.',
  'hub-dropped': 'The hub dropped windows to stay within its memory.',
  'browser-skipped': 'This browser could not keep up, and windows were skipped.',
  'switch-missed':
    'A thread left the CPU that was not seen coming onto it: the wait before is counted nowhere.',
  'stack-paged-out':
    'Part of a sleeping thread’s stack was not in memory when it was read: frames nearest the root are missing.',
  'cpu-row-map-full':
    'More distinct CPU samples in one window than their map holds: these samples are missing. Filter, or sample less often.',
  'cpu-sample-lost':
    'Times at which a CPU could not be sampled: what it ran then is missing, unless it was Stallscope itself, which is left out.',
  'process-events-lost': 'Starts of processes were not seen: short-lived ones may lack names.',
  'symbol-refused': 'A file could not be read for names within its bounds of size and time.',
  'latency-recursion':
    'A latency probe was not run because it was already running on that CPU: operations are missing.',
  ...latencyLosses('block', 'block requests'),
  ...latencyLosses('ext4', 'ext4 operations'),
  ...latencyLosses('syscalls', 'system calls'),
  ...latencyLosses('futex', 'futex waits'),
  'tcp-counts-full':
    'More threads, outcomes and lengths of TCP connects in one window than their map holds: these are missing.',
  'tcp-in-flight-full': 'More TCP connects going on at once than there is room for: these are missing.',
  'tcp-end-missed': 'The start of TCP connects was seen and not what came of them: these are missing.',
  'dns-counts-full':
    'More threads, functions and lengths of look-ups in one window than their map holds: these are missing.',
  'dns-return-missed':
    'Look-ups never returned, as their program jumped out of them: how long they took is not known.',
  'dns-in-flight-full':
    'Look-ups within look-ups deeper than are followed, or no memory for them: these are missing.',
  'lengths-counts-full':
    'Waits of more threads in one window than the map of lengths holds: these are missing in the heatmaps of lengths, and nowhere else.',
};

/** Each latency probe has the same four. @param operations what it counts, in the plural */
function latencyLosses<Probe extends string>(
  probe: Probe,
  operations: string,
): Record<
  `${Probe}-counts-full` | `${Probe}-start-missed` | `${Probe}-in-flight-full` | `${Probe}-end-missed`,
  string
> {
  return {
    [`${probe}-counts-full`]: `More threads, operations and lengths of ${operations} in one window than their map holds: these are missing.`,
    [`${probe}-start-missed`]: `The end of ${operations} was seen and not their start, so that their length is not known: these are missing.`,
    [`${probe}-in-flight-full`]: `More ${operations} going on at once than there is room for: these are missing.`,
    [`${probe}-end-missed`]: `The start of ${operations} was seen and not their end: these are missing.`,
  } as Record<
    `${Probe}-counts-full` | `${Probe}-start-missed` | `${Probe}-in-flight-full` | `${Probe}-end-missed`,
    string
  >;
}
