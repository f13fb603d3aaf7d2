import { readFileSync } from 'node:fs';
import { kernelSuites } from '@stallscope/testing';
import { describe, expect, test } from 'vitest';
import {
  type AddressRange,
  type Arch,
  backlogRanges,
  interruptEntryRanges,
  MAX_RANGES,
  sendRanges,
  softirqActionRanges,
  softirqRanges,
  taskResumeRanges,
} from './interrupt-entry.js';
import { KALLSYMS_PATH, Kallsyms } from './kallsyms.js';

kernelSuites({ describe, test })('kallsyms of this host', () => {
  const table = Kallsyms.read();

  test('names functions at their first and last byte', () => {
    expect(table.size).toBeGreaterThan(10_000);
    for (const name of ['schedule', 'try_to_wake_up', 'vfs_read']) {
      const symbol = table.find(name)!;
      expect(table.lookup(symbol.start)?.name).toBe(name);
      expect(table.lookup(symbol.end - 1n)?.name).toBe(name);
      expect(table.lookup(symbol.end)?.name).not.toBe(name);
    }
  });

  test('is the same read in pieces and as a whole, in a fraction of its bytes', () => {
    const text = readFileSync(KALLSYMS_PATH, 'latin1');
    const whole = Kallsyms.parse(text);
    const listOf = (kallsyms: Kallsyms): string[] => {
      const list: string[] = [];
      for (const { name, module, start } of kallsyms.matching(() => true)) {
        // BPF programs come and go between the two readings.
        if (module !== 'bpf') list.push(`${start.toString(16)} ${name} ${module}`);
      }
      return list;
    };
    expect(listOf(table)).toEqual(listOf(whole));
    expect(table.bytes).toBeLessThan(text.length);
  });

  test('has the entries of interrupts, and no exception among them', () => {
    const ranges = interruptEntryRanges(table, { arch: process.arch as Arch });
    expect(ranges.length).toBeGreaterThan(0);
    expect(ranges.length).toBeLessThan(MAX_RANGES);
    const isEntry = (name: string): boolean => {
      const start = table.find(name)?.start;
      return start !== undefined && ranges.some(([from, to]) => start >= from && start < to);
    };
    const [entries, others] =
      process.arch === 'arm64'
        ? [
            ['el1h_64_irq', 'el0t_64_irq'],
            ['el1h_64_sync', 'el0t_64_sync', 'call_on_irq_stack'],
          ]
        : [
            ['asm_sysvec_apic_timer_interrupt', 'asm_common_interrupt', 'asm_exc_nmi'],
            ['asm_exc_page_fault', 'asm_exc_int3', 'entry_SYSCALL_64', 'common_interrupt_return'],
          ];
    expect(entries.filter((name) => !isEntry(name))).toEqual([]);
    expect(others.filter(isEntry)).toEqual([]);
    expect(softirqRanges(table).length).toBeGreaterThan(0);
    expect(taskResumeRanges(table).length).toBeGreaterThan(0);
    const isIn = (ranges: readonly AddressRange[], name: string): boolean => {
      const start = table.find(name)?.start;
      return start !== undefined && ranges.some(([from, to]) => start >= from && start < to);
    };
    for (const name of ['run_timer_softirq', 'net_rx_action', 'net_tx_action'])
      expect([name, isIn(softirqActionRanges(table), name)]).toEqual([name, true]);
    expect(isIn(backlogRanges(table), 'process_backlog')).toBe(true);
    expect(isIn(sendRanges(table), '__dev_queue_xmit')).toBe(true);
  });
});
