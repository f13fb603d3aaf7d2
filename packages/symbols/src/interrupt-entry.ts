/**
 * Owns where in kernel text interrupts enter, softirqs run, and task work resumes: address ranges for the probe to compare
 * the frames of a waker with. The frame nearest to the leaf decides.
 *
 *     leaf  try_to_wake_up ← hrtimer_wakeup ← … ← sysvec_apic_timer_interrupt ← asm_sysvec_apic_timer_interrupt ← main loop
 *                                                                               └ an entry: interrupt, cut here
 *     leaf  try_to_wake_up ← exit_notify ← do_exit ← exit_to_user_mode_loop ← … ← asm_sysvec_apic_timer_interrupt
 *                                                    └ task work: what runs is the task, though an interrupt brought it in
 *
 * Exceptions (page faults, int3) are no entries: they act for the task. Neither is call_on_irq_stack of arm64, over which
 * a task's own local_bh_enable goes as well.
 */
import type { Kallsyms } from './kallsyms.js';

/** [start, end), by start, neighbours merged. */
export type AddressRange = readonly [start: bigint, end: bigint];

export type Arch = 'x64' | 'arm64';

/** Kernels yield 3 to 30; the probe's table is bounded, so is this. */
export const MAX_RANGES = 64;

/**
 * x86-64 since Linux 5.8: all entries are asm_* stubs side by side, which every unwinder reports. A CPU with FRED enters
 * through one stub for system calls and faults too, so there the C functions are the first that tell.
 */
const X64_ENTRIES =
  /^(asm_sysvec_\w+|asm_common_interrupt|asm_spurious_\w+|irq_entries_start|spurious_entries_start|asm_exc_nmi(_\w+)?)$/;
const X64_FRED_ENTRIES = /^(fred_sysvec_\w+|fred_extint|fred_exc_nmi|common_interrupt|spurious_interrupt)$/;
/** arm64: vector stubs `el1h_64_irq`, their C handlers, and what those call; `el1_irq`, `el0_irq` before Linux 5.14. */
const ARM64_ENTRIES =
  /^(el1_interrupt|el0_interrupt|__el1_irq|el[01][ht]_(64|32)_(irq|fiq)(_handler)?|el[01]_(irq|fiq)(_naked|_compat|_handler)?|__el0_(irq|fiq)_handler_common)$/;

const SOFTIRQS = /^(handle_softirqs|__do_softirq|run_ksoftirqd)$/;

/**
 * What softirqs do: an action each, since names of 4.x; sched_balance_softirq was run_rebalance_domains before 6.10. Work
 * of nobody's own, also where a task runs it as it leaves its own local_bh_enable.
 */
const SOFTIRQ_ACTIONS =
  /^(run_timer_softirq|hrtimer_run_softirq|tasklet_action|tasklet_hi_action|workqueue_softirq_action|net_tx_action|net_rx_action|blk_done_softirq|irq_poll_softirq|rcu_core|rcu_core_si|rcu_process_callbacks|sched_balance_softirq|run_rebalance_domains)$/;

/** Receives what this host sends to itself, over loopback or veth; drivers of network cards have polls of their own. */
const BACKLOGS = /^process_backlog$/;

/** On the way of every packet that a task sends: what of the above runs on top of it, and receives, is the sender's own. */
const SENDS = /^(__dev_queue_xmit|__dev_direct_xmit|ip_finish_output2|ip6_finish_output2)$/;

/** After the handler has ended: signals, task work and preemption at the way out of an interrupt. */
const TASK_RESUMES =
  /^(exit_to_user_mode_loop|exit_to_user_mode_prepare|irqentry_exit|irqentry_exit_to_user_mode|(raw_)?irqentry_exit_cond_resched|preempt_schedule_irq|arm64_preempt_schedule_irq|do_notify_resume|arm64_exit_to_user_mode|asm_exit_to_user_mode)$/;

export interface EntryOptions {
  arch: Arch;
  /** /proc/cpuinfo lists `fred` and the kernel uses it. */
  usesFred?: boolean;
}

/** Entry points of hardware interrupts. Empty when the kernel has none of the known names: then no waker is an interrupt. */
export function interruptEntryRanges(kallsyms: Kallsyms, options: EntryOptions): AddressRange[] {
  const patterns =
    options.arch === 'arm64'
      ? [ARM64_ENTRIES]
      : options.usesFred
        ? [X64_ENTRIES, X64_FRED_ENTRIES]
        : [X64_ENTRIES];
  return rangesOf(kallsyms, patterns);
}

/** Where softirqs run, whoever runs them: an interrupt on its way out, ksoftirqd, or a task in its own local_bh_enable. */
export function softirqRanges(kallsyms: Kallsyms): AddressRange[] {
  return rangesOf(kallsyms, [SOFTIRQS]);
}

/** Where the interrupted task itself runs again below an interrupt's entry frame: nearer to the leaf than the entry, it is the waker. */
export function taskResumeRanges(kallsyms: Kallsyms): AddressRange[] {
  return rangesOf(kallsyms, [TASK_RESUMES]);
}

/** Work of softirqs, whoever runs it: an interrupt, unless one nearer to the root or a packet of one's own says otherwise. */
export function softirqActionRanges(kallsyms: Kallsyms): AddressRange[] {
  return rangesOf(kallsyms, [SOFTIRQ_ACTIONS]);
}

/** Where packets are received that were sent on this host. */
export function backlogRanges(kallsyms: Kallsyms): AddressRange[] {
  return rangesOf(kallsyms, [BACKLOGS]);
}

/** Where a task sends a packet. */
export function sendRanges(kallsyms: Kallsyms): AddressRange[] {
  return rangesOf(kallsyms, [SENDS]);
}

function rangesOf(kallsyms: Kallsyms, patterns: readonly RegExp[]): AddressRange[] {
  const merged: [bigint, bigint][] = [];
  // Names as they are: `.cold` parts hold the paths that do not wake anybody.
  for (const { start, end } of kallsyms.matching((name) => patterns.some((pattern) => pattern.test(name)))) {
    const last = merged.at(-1);
    if (last !== undefined && last[1] === start) last[1] = end;
    else merged.push([start, end]);
  }
  return merged.slice(0, MAX_RANGES);
}
