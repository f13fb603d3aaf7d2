/**
 * Owns the answer in one line: which process waits most, in what, and who ends it; waits for work that has not come are
 * set apart, because an idle server is not a slow one. Pure; reads the same rows as the graph.
 */
import { KINDS, NONE, type ProfileTables, type Query, type Rows, toRowMatcher } from '@stallscope/profile';

export interface Answer {
  /** Time of all rows that the query keeps, ns. */
  waitedNs: number;
  /** Of that, waiting for something to do. */
  idleNs: number;
  /** Where threads that had work waited most; null when all waiting was idle. */
  top: {
    tgid: number;
    /** The process's name; its thread's where no window named it. */
    process: string;
    /** Threads of it that waited there. */
    threads: number;
    kind: (typeof KINDS)[number];
    /** What it waited in: the first function below the scheduler's own. */
    inFunction: string;
    ns: number;
    /** Who ended most of it, with the part of `ns` that it ended; null when no waker is known. */
    waker: { comm: string; ns: number } | null;
  } | null;
}

/** The scheduler's own way out of the CPU: says that a thread waits, never what for. */
const SCHEDULER =
  /^(__schedule|schedule|schedule_\w+|__schedule_\w+|io_schedule\w*|preempt_schedule\w*|__cond_resched|schedule_hrtimeout_range_clock|do_sched_yield|__x64_sys_sched_yield|rt_mutex_schedule|wait_woken)(\.\w+)*$/;

/** A wait in one of these is for new work, a timer or a child: nobody is held up. */
const IDLE =
  /^(ep_poll|do_epoll_p?wait\w*|do_sys_poll|do_poll|do_select|core_sys_select|do_nanosleep|hrtimer_nanosleep|common_nsleep\w*|worker_thread|rescuer_thread|kthreadd|kthread|smpboot_thread_fn|rcu_\w*kthread\w*|kswapd\w*|kcompactd\w*|kauditd_thread|do_sigtimedwait|sigsuspend|__do_sys_pause|do_wait|kernel_wait4|inet_csk_accept|unix_accept|n_tty_read|io_cqring_wait|read_events|msleep\w*|usleep_range\w*|jbd2?_?kjournald2?|kjournald2|oom_reaper|khugepaged|ksm_scan_thread|watchdog|devtmpfs_work_loop|balance_pgdat|signalfd_read\w*|timerfd_read\w*|inotify_read|fanotify_read)(\.\w+)*$/;

/** How far below the scheduler the idle reason may lie, frames: poll and epoll sit within this. */
const REASON_FRAMES = 8;

export function toAnswer(
  tables: ProfileTables,
  rows: Rows,
  query: Query,
  processNames: ReadonlyMap<number, string>,
): Answer {
  const keeps = toRowMatcher(tables, query);
  const sites = new Map<
    string,
    { row: number; ns: number; wakers: Map<number, number>; tids: Set<number> }
  >();
  const reasons = new Map<number, Reason>();
  let waitedNs = 0;
  let idleNs = 0;
  for (let row = 0; row < rows.tgid.length; row++) {
    const ns = rows.estimatedNs[row]!;
    if (ns <= 0 || !keeps(rows, row)) continue;
    waitedNs += ns;
    const stack = rows.kernelStack[row]!;
    let reason = reasons.get(stack);
    if (reason === undefined) {
      reason = toReason(tables, stack);
      reasons.set(stack, reason);
    }
    if (reason.idle && rows.kind[row] === KINDS.indexOf('blocked')) {
      idleNs += ns;
      continue;
    }
    const key = `${rows.tgid[row]},${rows.kind[row]},${reason.inFunction}`;
    let site = sites.get(key);
    if (site === undefined) {
      site = { row, ns: 0, wakers: new Map(), tids: new Set() };
      sites.set(key, site);
    }
    site.ns += ns;
    site.tids.add(rows.tid[row]!);
    const chain = rows.chain[row]!;
    if (chain !== NONE) {
      const waker = tables.chains[chain]!.comm;
      site.wakers.set(waker, (site.wakers.get(waker) ?? 0) + ns);
    }
  }
  const top = largest(sites.values(), (site) => site.ns);
  if (top === undefined) return { waitedNs, idleNs, top: null };
  const waker = largest(top.wakers, ([, ns]) => ns);
  return {
    waitedNs,
    idleNs,
    top: {
      tgid: rows.tgid[top.row]!,
      process: processNames.get(rows.tgid[top.row]!) ?? tables.strings[rows.comm[top.row]!]!,
      threads: top.tids.size,
      kind: KINDS[rows.kind[top.row]!]!,
      inFunction: reasons.get(rows.kernelStack[top.row]!)!.inFunction,
      ns: top.ns,
      waker: waker === undefined ? null : { comm: tables.strings[waker[0]]!, ns: waker[1] },
    },
  };
}

/** What a kernel stack waits in. */
export interface Reason {
  /** The first function below the scheduler's own. */
  inFunction: string;
  /** It waits for something to do: work, a timer, a child. */
  idle: boolean;
}

export function toReason(tables: ProfileTables, kernelStack: number): Reason {
  let inFunction: string | undefined;
  let idle = false;
  let frames = 0;
  for (let at = kernelStack; at !== NONE && frames < REASON_FRAMES; at = tables.stackPrefix[at]!) {
    const label = tables.frameLabel(tables.stackFrame[at]!);
    if (inFunction === undefined && SCHEDULER.test(label)) continue;
    inFunction ??= label;
    idle ||= IDLE.test(label);
    frames++;
  }
  return { inFunction: inFunction ?? 'a place whose stack is missing', idle };
}

function largest<Item>(items: Iterable<Item>, sizeOf: (item: Item) => number): Item | undefined {
  let found: Item | undefined;
  for (const item of items) if (found === undefined || sizeOf(item) > sizeOf(found)) found = item;
  return found;
}
