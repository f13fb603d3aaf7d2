import { describe, expect, test } from 'vitest';
import { appendOpenWait, emptyWindow } from './rows.js';
import { wholeWaits } from './whole-waits.js';

function windowOf(lengthMs: number, elapsedMs: readonly number[]) {
  const window = emptyWindow({ startMs: 1_790_000_000_000.123, endMs: 1_790_000_000_000.123 + lengthMs });
  for (const [tid, ms] of elapsedMs.entries()) {
    const wait = { tgid: 1, tid, comm: 0, kind: 0, state: 1, elapsedNs: Math.round(ms * 1e6) };
    appendOpenWait(window.openWaits, { ...wait, sinceBeforeTracing: 0, userStack: -1, kernelStack: -1 });
  }
  return window;
}

describe('waits that went on for all of a window', () => {
  test('are those as long as it, as its clocks can tell', () => {
    expect(wholeWaits(windowOf(250, [249.99, 250, 90_000, 3])).tid).toEqual([1, 2]);
  });

  test('are long ones in a window that was made of many', () => {
    const { tid, elapsedNs } = wholeWaits(windowOf(10_000, [900, 1_500, 20_000]));
    expect(tid).toEqual([1, 2]);
    expect(elapsedNs).toEqual([1.5e9, 20e9]);
  });
});
