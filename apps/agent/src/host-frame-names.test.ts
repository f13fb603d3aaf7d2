import { expect, test } from 'vitest';
import { toEntryRangeGlobals } from './host-frame-names.js';

const NONE = { interrupt: [], task: [], softirq: [], backlog: [], send: [] };

test('ranges come by start, whatever their kind, and unused places after all addresses', () => {
  const globals = toEntryRangeGlobals({
    interrupt: [
      [0x100n, 0x200n],
      [0x900n, 0xa00n],
    ],
    task: [[0x400n, 0x500n]],
    softirq: [[0x300n, 0x380n]],
    backlog: [[0x600n, 0x610n]],
    send: [[0x700n, 0x710n]],
  });
  const start = new BigUint64Array(globals.entry_range_start.buffer);
  const end = new BigUint64Array(globals.entry_range_end.buffer);
  expect([...start].slice(0, 7)).toEqual([0x100n, 0x300n, 0x400n, 0x600n, 0x700n, 0x900n, 2n ** 64n - 1n]);
  expect([...end].slice(0, 7)).toEqual([0x200n, 0x380n, 0x500n, 0x610n, 0x710n, 0xa00n, 0n]);
  expect([...globals.entry_range_kind].slice(0, 6)).toEqual([0, 2, 1, 3, 4, 0]);
});

test('more ranges than the probe has room for are refused', () => {
  const many = Array.from({ length: 64 }, (_, i) => [BigInt(2 * i), BigInt(2 * i + 1)] as const);
  expect(() => toEntryRangeGlobals({ ...NONE, interrupt: many })).toThrow(/64 ranges.*room for 63/);
  expect(toEntryRangeGlobals({ ...NONE, interrupt: many.slice(1) }).entry_range_start).toHaveLength(512);
});
