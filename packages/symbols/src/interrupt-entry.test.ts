import { describe, expect, test } from 'vitest';
import {
  backlogRanges,
  interruptEntryRanges,
  MAX_RANGES,
  sendRanges,
  softirqActionRanges,
  softirqRanges,
  taskResumeRanges,
} from './interrupt-entry.js';
import { Kallsyms } from './kallsyms.js';

/** As printed by Linux 6.18 on x86-64, every third symbol left out. */
const X64 = Kallsyms.parse(`\
ffffffff81000000 T _text
ffffffff81000300 T irq_entries_start
ffffffff81000960 T spurious_entries_start
ffffffff81000a10 T asm_exc_divide_error
ffffffff81000c60 T asm_exc_page_fault
ffffffff81000cb0 T asm_exc_nmi_kvm_vmx
ffffffff81000cd0 T asm_exc_debug
ffffffff81000d40 T asm_common_interrupt
ffffffff81000d80 T asm_spurious_interrupt
ffffffff81000db0 T asm_sysvec_error_interrupt
ffffffff81000df0 T asm_sysvec_apic_timer_interrupt
ffffffff81000e30 T asm_sysvec_reschedule_ipi
ffffffff81000f70 t common_interrupt_return
ffffffff81001270 T asm_load_gs_index
ffffffff810015b0 T asm_exc_nmi
ffffffff810016b1 T entry_SYSCALL_64
ffffffff8135fb60 t do_softirq.part.0
ffffffff81360070 t handle_softirqs
ffffffff813602f0 t __pfx___irq_exit_rcu
ffffffff81360300 t __irq_exit_rcu
ffffffff81360bb0 t run_ksoftirqd
ffffffff81360c00 T do_softirq
ffffffff8141d0c0 t run_timer_softirq
ffffffff8141d200 t __pfx_other
ffffffff81e5dca0 t net_tx_action
ffffffff81e5e000 T __dev_queue_xmit
ffffffff81e66780 t process_backlog
ffffffff81e66900 t __napi_poll
ffffffff81e67300 t net_rx_action
ffffffff81e67600 t other_net
ffffffff813285a0 T fred_sysvec_apic_timer_interrupt
ffffffff81328af0 T other
ffffffff821f1390 T common_interrupt
ffffffff821f1440 T sysvec_x86_platform_ipi
ffffffff821f38e0 T irqentry_exit_to_user_mode
ffffffff821f3a80 T irqentry_enter
`);

const ARM64 = Kallsyms.parse(`\
ffff800080010000 T _text
ffff800080010800 T vectors
ffff800080011000 t el1t_64_sync
ffff800080011100 t el1h_64_sync
ffff800080011200 t el1h_64_irq
ffff800080011270 t el1h_64_fiq
ffff8000800112e0 t el1h_64_error
ffff800080011400 t el0t_64_sync
ffff800080011500 t el0t_64_irq
ffff800080011600 t ret_to_user
ffff800080011700 T call_on_irq_stack
ffff800081000000 t el1_interrupt
ffff800081000060 T el1h_64_irq_handler
ffff800081000080 T el1h_64_sync_handler
ffff800081000200 t el0_interrupt
ffff800081000280 t el0_svc
`);

function hex(ranges: readonly (readonly [bigint, bigint])[]): string[] {
  return ranges.map(([start, end]) => `${start.toString(16)}-${end.toString(16)}`);
}

describe('x86-64', () => {
  test('entries of interrupts, merged; exceptions are none', () => {
    expect(hex(interruptEntryRanges(X64, { arch: 'x64' }))).toEqual([
      'ffffffff81000300-ffffffff81000a10',
      'ffffffff81000cb0-ffffffff81000cd0',
      'ffffffff81000d40-ffffffff81000f70',
      'ffffffff810015b0-ffffffff810016b1',
    ]);
  });
  test('with FRED the C functions too', () => {
    expect(hex(interruptEntryRanges(X64, { arch: 'x64', usesFred: true })).slice(-2)).toEqual([
      'ffffffff813285a0-ffffffff81328af0',
      'ffffffff821f1390-ffffffff821f1440',
    ]);
  });
  test('what softirqs do, which of it receives what this host sent, and where it is sent', () => {
    expect(hex(softirqActionRanges(X64))).toEqual([
      'ffffffff8141d0c0-ffffffff8141d200',
      'ffffffff81e5dca0-ffffffff81e5e000',
      'ffffffff81e67300-ffffffff81e67600',
    ]);
    expect(hex(backlogRanges(X64))).toEqual(['ffffffff81e66780-ffffffff81e66900']);
    expect(hex(sendRanges(X64))).toEqual(['ffffffff81e5e000-ffffffff81e66780']);
  });
  test('softirqs, and where the task resumes', () => {
    expect(hex(softirqRanges(X64))).toEqual([
      'ffffffff81360070-ffffffff813602f0',
      'ffffffff81360bb0-ffffffff81360c00',
    ]);
    expect(hex(taskResumeRanges(X64))).toEqual(['ffffffff821f38e0-ffffffff821f3a80']);
  });
});

test('arm64: vectors and their handlers, not the stack that softirqs share', () => {
  expect(hex(interruptEntryRanges(ARM64, { arch: 'arm64' }))).toEqual([
    'ffff800080011200-ffff8000800112e0',
    'ffff800080011500-ffff800080011600',
    'ffff800081000000-ffff800081000080',
    'ffff800081000200-ffff800081000280',
  ]);
});

test('a kernel of other names has no ranges, one of very many is bounded', () => {
  expect(interruptEntryRanges(ARM64, { arch: 'x64' })).toEqual([]);
  const lines = Array.from({ length: 200 }, (_, i) => {
    const address = 0xffffffff81000000n + BigInt(i * 0x20);
    return `${address.toString(16)} T asm_sysvec_${i}\n${(address + 0x10n).toString(16)} T other_${i}`;
  });
  expect(interruptEntryRanges(Kallsyms.parse(lines.join('\n')), { arch: 'x64' })).toHaveLength(MAX_RANGES);
});
