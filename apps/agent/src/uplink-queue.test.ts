import { emptyWindow, ProfileTables, type ProfileWindow } from '@stallscope/profile';
import { checkSeeds, randomWindow } from '@stallscope/testing';
import { describe, expect, test } from 'vitest';
import { UplinkQueue } from './uplink-queue.js';

function second(sequence: number, fields: Partial<ProfileWindow> = {}): ProfileWindow {
  return emptyWindow({ sequence, startMs: sequence * 1000, endMs: (sequence + 1) * 1000, ...fields });
}

function drain(queue: UplinkQueue): ProfileWindow[] {
  const windows: ProfileWindow[] = [];
  for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) windows.push(entry.window);
  return windows;
}

function spannedMs(windows: readonly ProfileWindow[]): number {
  return windows.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
}

describe('windows that wait for the hub', () => {
  test('leave in the order they came', () => {
    const queue = new UplinkQueue();
    const tables = new ProfileTables();
    for (let i = 0; i < 5; i++) queue.push({ tables, window: second(i) });
    expect(drain(queue).map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4]);
  });

  test('are merged before any is dropped: ten minutes away loses resolution, not time', () => {
    const queue = new UplinkQueue();
    const tables = new ProfileTables();
    for (let i = 0; i < 600; i++) queue.push({ tables, window: second(i) });
    expect(queue.length).toBeLessThanOrEqual(120);
    const windows = drain(queue);
    expect(spannedMs(windows)).toBe(600_000);
    expect(windows.every(({ losses }) => losses['uplink-dropped'] === undefined)).toBe(true);
  });

  test('are dropped from the oldest when merging is not enough, and the next one sent counts them', () => {
    const queue = new UplinkQueue();
    const tables = new ProfileTables();
    for (let i = 0; i < 3_000; i++) queue.push({ tables, window: second(i) });
    const windows = drain(queue);
    expect(windows.at(-1)!.endMs).toBe(3_000_000);
    // All that a merged window was made of counts: each was a second long.
    expect(windows[0]!.losses['uplink-dropped']).toBe(3_000 - spannedMs(windows) / 1000);
    expect(windows[0]!.losses['uplink-dropped']).toBeGreaterThan(0);
    expect(windows.slice(1).every(({ losses }) => losses['uplink-dropped'] === undefined)).toBe(true);
  });

  test('are not merged across two dictionaries', () => {
    const queue = new UplinkQueue();
    for (let i = 0; i < 121; i++) queue.push({ tables: new ProfileTables(), window: second(i) });
    const windows = drain(queue);
    expect(windows).toHaveLength(120);
    expect(windows[0]!.losses['uplink-dropped']).toBe(1);
  });

  test('keep their total time through merging, whatever they hold', () => {
    checkSeeds(20, (random) => {
      const queue = new UplinkQueue();
      const tables = new ProfileTables();
      let blockedNs = 0;
      for (let i = 0; i < 200; i++) {
        const window = {
          ...randomWindow(random, tables),
          sequence: i,
          startMs: i * 250,
          endMs: (i + 1) * 250,
        };
        for (const ns of window.threads.blockedNs) blockedNs += ns;
        queue.push({ tables, window });
      }
      const kept = drain(queue).flatMap(({ threads }) => threads.blockedNs);
      expect(kept.reduce((sum, ns) => sum + ns, 0)).toBe(blockedNs);
    });
  });
});
