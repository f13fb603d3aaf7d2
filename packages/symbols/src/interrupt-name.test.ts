import { expect, test } from 'vitest';
import { type InterruptName, interruptName } from './interrupt-name.js';

/** Stacks as captured at sched_waking, leaf first, measuring frames trimmed. */
test.each<[InterruptName, string]>([
  [
    'timer',
    'try_to_wake_up hrtimer_wakeup __hrtimer_run_queues hrtimer_interrupt __sysvec_apic_timer_interrupt sysvec_apic_timer_interrupt asm_sysvec_apic_timer_interrupt',
  ],
  [
    'timer',
    'try_to_wake_up call_timer_fn __run_timers run_timer_softirq handle_softirqs __irq_exit_rcu irq_exit_rcu sysvec_apic_timer_interrupt asm_sysvec_apic_timer_interrupt',
  ],
  [
    'timer',
    'try_to_wake_up __wake_up_common __wake_up ep_poll_callback timerfd_tmrproc __hrtimer_run_queues hrtimer_interrupt asm_sysvec_apic_timer_interrupt',
  ],
  [
    'rcu',
    'try_to_wake_up swake_up_one_online rcu_sched_clock_irq update_process_times tick_nohz_handler __hrtimer_run_queues hrtimer_interrupt asm_sysvec_apic_timer_interrupt',
  ],
  [
    'rcu',
    'try_to_wake_up complete wakeme_after_rcu rcu_do_batch rcu_core handle_softirqs __irq_exit_rcu asm_sysvec_apic_timer_interrupt',
  ],
  [
    'block completion',
    'try_to_wake_up wake_page_function __wake_up_common folio_wake_bit folio_end_writeback ext4_finish_bio ext4_end_bio bio_endio blk_update_request blk_mq_end_request blk_complete_reqs blk_done_softirq handle_softirqs __irq_exit_rcu common_interrupt asm_common_interrupt',
  ],
  [
    'block completion',
    'try_to_wake_up blk_mq_end_request.part.0 virtblk_done vring_interrupt __handle_irq_event_percpu handle_irq_event handle_edge_irq __common_interrupt common_interrupt asm_common_interrupt',
  ],
  [
    'block completion',
    'try_to_wake_up complete scsi_end_request scsi_io_completion scsi_complete asm_common_interrupt',
  ],
  [
    'network receive',
    'try_to_wake_up pollwake __wake_up_common sock_def_readable tcp_data_queue tcp_rcv_established tcp_v4_do_rcv tcp_v4_rcv ip_protocol_deliver_rcu ip_local_deliver_finish __netif_receive_skb_one_core process_backlog __napi_poll net_rx_action handle_softirqs __irq_exit_rcu asm_sysvec_call_function_single',
  ],
  [
    'network receive',
    'try_to_wake_up sock_def_readable packet_rcv virtnet_poll __napi_poll net_rx_action handle_softirqs asm_common_interrupt',
  ],
  [
    'network transmit',
    'try_to_wake_up sock_def_write_space sock_wfree skb_release_head_state net_tx_action handle_softirqs asm_common_interrupt',
  ],
  [
    'network transmit',
    'try_to_wake_up sock_wfree skb_release_head_state free_old_xmit virtnet_poll_tx __napi_poll net_rx_action asm_common_interrupt',
  ],
  [
    'tasklet',
    'try_to_wake_up complete some_driver_bh tasklet_action_common tasklet_action handle_softirqs asm_common_interrupt',
  ],
  [
    'irq work',
    'try_to_wake_up __wake_up irq_work_single irq_work_run_list irq_work_run __sysvec_irq_work sysvec_irq_work asm_sysvec_irq_work',
  ],
  [
    'function-call ipi',
    'try_to_wake_up __flush_smp_call_function_queue generic_smp_call_function_single_interrupt sysvec_call_function_single asm_sysvec_call_function_single',
  ],
  ['reschedule ipi', 'try_to_wake_up sysvec_reschedule_ipi asm_sysvec_reschedule_ipi'],
  ['timer', 'try_to_wake_up something sysvec_apic_timer_interrupt asm_sysvec_apic_timer_interrupt'],
  [
    'interrupt',
    'try_to_wake_up __queue_work tty_flip_buffer_push serial8250_interrupt __handle_irq_event_percpu common_interrupt asm_common_interrupt',
  ],
  ['interrupt', ''],
])('%s: %s', (expected, stack) => {
  expect(interruptName(stack.split(' '))).toBe(expected);
});
