import { describe, expect, test } from 'vitest';
import { Governor, MAX_TAU_NS } from './governor.js';

describe('the governor', () => {
  test('leaves tau alone while captures are within budget', () => {
    const governor = new Governor(1_000_000, 1000);
    expect(governor.next(900, 1)).toBe(1_000_000);
    expect(governor.isGoverning).toBe(false);
  });

  test('raises tau in proportion to the excess and says so', () => {
    const governor = new Governor(1_000_000, 1000);
    expect(governor.next(4000, 1)).toBe(4_000_000);
    expect(governor.isGoverning).toBe(true);
  });

  test('judges by rate: the same captures over a longer window are fewer a second', () => {
    expect(new Governor(1_000_000, 1000).next(4000, 4)).toBe(1_000_000);
  });

  test('starts from 1 us when exact was asked for', () => {
    const governor = new Governor(0, 1000);
    expect(governor.next(2000, 1)).toBe(2_000);
  });

  test('falls back to what was asked for, and no further', () => {
    const governor = new Governor(1_000_000, 1000);
    governor.next(4000, 1);
    expect(governor.next(100, 1)).toBe(2_000_000);
    expect(governor.next(100, 1)).toBe(1_000_000);
    expect(governor.next(0, 1)).toBe(1_000_000);
    expect(governor.isGoverning).toBe(false);
  });

  test('holds between a quarter of the budget and all of it, so that it does not swing', () => {
    const governor = new Governor(1_000_000, 1000);
    governor.next(4000, 1);
    expect(governor.next(600, 1)).toBe(4_000_000);
  });

  test('never passes the maximum, however high the storm', () => {
    const governor = new Governor(1_000_000, 1);
    for (let i = 0; i < 20; i++) governor.next(1e9, 1);
    expect(governor.tauNs).toBe(MAX_TAU_NS);
  });
});
