/**
 * Owns what counts as an idle wait: a thread that waits for work, a timer, a child or a request, so that nobody is held
 * up. The one source of it for the graph's presets and for the answer line.
 *
 * The kernel's stack says what a thread waits in: its first function below the scheduler's own (`toWaitSite`). That is
 * the safe thing to judge by. `worker_thread` is somewhere in the stack of every kernel worker, also of one that waits for
 * a disk, and `ep_poll` in that of a page fault while events are copied out; only at the wait itself do they mean idle.
 */
export interface NoisePreset {
  id: string;
  /** A few words for a chip. */
  name: string;
  /** A sentence for the reader: what is hidden, and what is not. */
  help: string;
  /**
   * Source of a RegExp over one label. `wait`: what the thread waits in. `frame`: any of its own user or kernel frames;
   * frames of wakers never count. `comm`: the thread's name.
   */
  on: 'wait' | 'frame' | 'comm';
  pattern: string;
  /** Source of a RegExp that one of the thread's own frames, or its name, has to match too. */
  and?: string;
}

/** Symbols that compilers split off a function: `futex_wait.isra.0`, `do_poll.constprop.0`, `ep_poll.cold`. */
const SUFFIX = String.raw`(?:\.(?:isra|constprop|part|cold|llvm)\b[.\w]*)*`;

function oneOf(...names: readonly string[]): string {
  return `^(?:${names.join('|')})${SUFFIX}$`;
}

export const NOISE_PRESETS: readonly NoisePreset[] = [
  {
    id: 'event-loops',
    name: 'Event loops',
    help: 'Threads that wait for any of many sources: epoll, poll, select, io_uring, signals.',
    on: 'wait',
    pattern: oneOf('ep_poll', 'do_epoll_wait', 'do_sys_poll', 'do_poll', 'do_select', 'io_cqring_wait'),
  },
  {
    id: 'sleeps',
    name: 'Sleeps and timers',
    help: 'Threads that sleep for a time they asked for.',
    on: 'wait',
    pattern: oneOf('do_nanosleep', 'hrtimer_nanosleep'),
  },
  {
    id: 'kernel-threads',
    name: 'Kernel threads',
    help: 'Threads of the kernel that wait for work. Those that wait in the middle of work stay.',
    on: 'wait',
    pattern: oneOf('worker_thread', 'rescuer_thread', 'kthreadd', 'smpboot_thread_fn'),
  },
];
