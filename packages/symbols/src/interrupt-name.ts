/**
 * Owns the name of what interrupted, told from the kernel frames between the wake and the interrupt's entry.
 * The frame nearest to the leaf that means something decides: a network receive that arms a timer is a receive, a timer
 * that runs in the softirq behind a disk interrupt is a timer.
 */

export const INTERRUPT_NAMES = [
  'timer',
  'block completion',
  'network receive',
  'network transmit',
  'rcu',
  'tasklet',
  'reschedule ipi',
  'function-call ipi',
  'irq work',
  'interrupt',
] as const;
export type InterruptName = (typeof INTERRUPT_NAMES)[number];

/** In order; the first that matches a frame names it. */
const MEANINGS: readonly (readonly [InterruptName, RegExp])[] = [
  ['rcu', /^(rcu_|invoke_rcu_|__?rcu_|srcu_)/],
  [
    'timer',
    /^(_*hrtimer_|__?run_timer|_*run_hrtimer|run_timer|call_timer_fn|expire_timers|tick_|it_real_fn|posix_timer|alarm(timer)?_|timerfd_|process_timeout|delayed_work_timer_fn|run_posix_cpu_timers|update_process_times|timer_interrupt|arch_timer_handler)/,
  ],
  [
    'block completion',
    /^(blk_|__blk_|bio_endio|end_bio_|virtblk_|nvme_|scsi_|ata_|ahci_|mmc_blk_|dm_|md_|raid\d|nbd_|loop_|blkif_|xen_blk|sd_|virtscsi_)/,
  ],
  [
    'network transmit',
    /^(net_tx_action|tcp_tsq_|tcp_tasklet_func|free_old_xmit|virtnet_poll_tx|skb_xmit_done|\w+_clean_tx(_|$)|\w+_tx_(clean|complete|completion)\w*)/,
  ],
  [
    'network receive',
    /^(net_rx_action|_*napi_(poll|gro|complete|schedule)|_*netif_receive|netif_rx|process_backlog|ip6?_(local_deliver|rcv|sublist|list_rcv|input)|ipv6_rcv|tcp_v[46]_rcv|udp6?_rcv|udpv6_rcv|__udp[46]_lib_rcv|icmp(v6)?_rcv|\w+_napi_poll|virtnet_(poll|receive)|tcp_rcv_)/,
  ],
  ['tasklet', /^(tasklet_|workqueue_softirq_action|bh_worker)/],
  ['irq work', /^(irq_work_|perf_pending_irq)/],
  [
    'function-call ipi',
    /^(generic_smp_call_function|_*flush_smp_call_function|(asm_|__|fred_)?sysvec_call_function)/,
  ],
  ['reschedule ipi', /^((asm_|__|fred_)?sysvec_reschedule_ipi|scheduler_ipi)/],
  ['timer', /^(asm_|__|fred_)?sysvec_(apic_timer_interrupt|hyperv_stimer0)/],
  ['irq work', /^(asm_|__|fred_)?sysvec_irq_work/],
];

/** What compilers append to the name of a part or a copy of a function. */
const COMPILER_SUFFIX = /\.(cold|part|isra|constprop|llvm)\b.*$/;

/** Kernel frames, leaf first; 'interrupt' when none of them tells. */
export function interruptName(namesLeafFirst: readonly string[]): InterruptName {
  for (const frame of namesLeafFirst) {
    const name = frame.replace(COMPILER_SUFFIX, '');
    for (const [meaning, pattern] of MEANINGS) if (pattern.test(name)) return meaning;
  }
  return 'interrupt';
}
