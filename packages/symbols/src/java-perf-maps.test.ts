import { describe, expect, test } from 'vitest';
import type { AttachResult } from './hotspot-attach.js';
import { JavaPerfMaps } from './java-perf-maps.js';
import type { JitState } from './symbolizer.js';

const LIBJVM = {
  start: 0x1000,
  end: 0x2000,
  fileOffset: 0,
  device: '',
  inode: 1n,
  path: '/lib/libjvm.so',
  isDeleted: false,
};
function state(facts: Partial<JitState> = {}): JitState {
  return {
    identity: 'a',
    runtime: { name: 'java', version: '', mapping: LIBJVM },
    isGone: false,
    hasUnnamedJit: true,
    hasPerfMap: false,
    isPerfMapRefused: false,
    ...facts,
  };
}

function harness(answer: () => Promise<AttachResult> = async () => ({ done: true })) {
  const asked: [number, string, number][] = [];
  const written: number[] = [];
  const clock = { nowMs: 0 };
  const maps = new JavaPerfMaps({
    ask: (tgid, path) => {
      asked.push([tgid, path, clock.nowMs]);
      return answer();
    },
    onWritten: (tgid) => written.push(tgid),
    nowMs: () => clock.nowMs,
  });
  return { maps, asked, written, clock };
}

describe('asking JVMs for their maps', () => {
  test('at once when code of theirs has no name, and the answer can be waited for', async () => {
    const { maps, asked, written } = harness();
    await maps.consider(7, state());
    expect(asked).toEqual([[7, '/proc/7/map_files/1000-2000', 0]]);
    expect(written).toEqual([7]);
  });

  test.each([
    ['is no JVM', { runtime: { name: 'node', version: '', mapping: LIBJVM } }],
    ['has gone', { isGone: true }],
    ['has a name for all', { hasUnnamedJit: false }],
  ] as const)('not what %s', (_what, facts) => {
    const { maps, asked } = harness();
    expect(maps.consider(7, state(facts))).toBeUndefined();
    expect(asked).toEqual([]);
  });

  test('again while they make more, ever more seldom, and that is not waited for', async () => {
    const { maps, asked, clock } = harness();
    await maps.consider(7, state());
    for (; clock.nowMs <= 2_000_000; clock.nowMs += 1000) {
      expect(maps.consider(7, state())).toBeUndefined();
      await Promise.resolve();
      await Promise.resolve();
      await Promise.resolve();
    }
    const times = asked.map(([, , ms]) => ms);
    expect(times.slice(0, 6)).toEqual([0, 15_000, 45_000, 105_000, 225_000, 465_000]);
    const last = times.at(-1)! - times.at(-2)!;
    expect(last).toBe(300_000);
  });

  test('one that refuses for good is asked once, one that did not answer after a while, another of its number at once', async () => {
    const { maps, asked, clock } = harness(async () => ({ done: false, refusal: 'too-old', detail: '' }));
    await maps.consider(7, state());
    clock.nowMs = 1e9;
    maps.consider(7, state());
    expect(asked).toHaveLength(1);
    expect(maps.refusal(7, 'a')).toBe('too-old');
    expect(maps.refusal(7, 'b')).toBeUndefined();
    await maps.consider(7, state({ identity: 'b' }));
    expect(asked).toHaveLength(2);

    const busy = harness(async () => ({ done: false, refusal: 'no-answer', detail: '' }));
    await busy.maps.consider(7, state());
    busy.clock.nowMs = 299_000;
    busy.maps.consider(7, state());
    expect(busy.asked).toHaveLength(1);
    busy.clock.nowMs = 301_000;
    busy.maps.consider(7, state());
    expect(busy.asked).toHaveLength(2);
  });

  test('few at a time, one not twice at a time, and what goes wrong with one is no matter to the others', async () => {
    const ends: ((error?: Error) => void)[] = [];
    const { maps, asked } = harness(
      () =>
        new Promise((resolve, reject) => {
          ends.push((error) => (error === undefined ? resolve({ done: true }) : reject(error)));
        }),
    );
    const answers = Array.from({ length: 10 }, (_, i) => maps.consider(i + 1, state()));
    maps.consider(1, state());
    expect(asked.map(([tgid]) => tgid)).toEqual([1, 2, 3, 4]);
    ends[0]!(new Error('odd'));
    await answers[0];
    expect(maps.refusal(1, 'a')).toBe('refused');
    await Promise.all([maps.consider(9, state()), ...ends.map((end) => end())].slice(1));
    maps.consider(9, state());
    expect(asked.map(([tgid]) => tgid).slice(4)).toContain(9);
  });
});
