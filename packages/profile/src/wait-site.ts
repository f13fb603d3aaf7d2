/**
 * Owns what a thread waits in, as its stack tells: the first function below the scheduler's own.
 *
 *     __schedule ← schedule ← schedule_hrtimeout_range ← ep_poll ← do_epoll_wait ← …     waits in ep_poll
 */
import { NONE } from './kinds.js';
import { readMarks, SCHEDULER_MARK } from './label-marks.js';
import type { ProfileTables } from './tables.js';

/** The scheduler's own way out of the CPU: says that a thread waits, never what for. */
const SCHEDULER =
  /^(__schedule|schedule|schedule_\w+|__schedule_\w+|io_schedule\w*|preempt_schedule\w*|__cond_resched|do_sched_yield|__x64_sys_sched_yield|rt_mutex_schedule|wait_woken|poll_schedule_timeout)(\.\w+)*$/;

export function isScheduler(label: string): boolean {
  return SCHEDULER.test(label) || readMarks(label)?.has(SCHEDULER_MARK) === true;
}

/** The label of the function that a kernel stack waits in; undefined where the stack is missing. */
export function toWaitSite(tables: ProfileTables, kernelStack: number): string | undefined {
  for (let at = kernelStack; at !== NONE; at = tables.stackPrefix[at]!) {
    const label = tables.frameLabel(tables.stackFrame[at]!);
    if (!isScheduler(label)) return label;
  }
  return undefined;
}
