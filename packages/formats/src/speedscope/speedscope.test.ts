import { KINDS, ProfileTables, VIEWS } from '@stallscope/profile';
import { randomWindow, seededRandom } from '@stallscope/profile/fixtures';
import { describe, expect, test } from 'vitest';
import { printProfile } from '../fixtures/print-profile.js';
import { randomProfile } from '../fixtures/random-profile.js';
import { contextFor } from '../fixtures/read-context.js';
import { readProfile } from '../read.js';
import { rowsToSamples } from '../rows-to-samples.js';
import type { WriteOptions } from '../write.js';
import { readSpeedscope } from './read-speedscope.js';
import { writeSpeedscope } from './write-speedscope.js';

const readJsonText = (value: unknown) =>
  readSpeedscope(new TextEncoder().encode(JSON.stringify(value)), contextFor('speedscope'));

const FRAMES = [
  { name: 'main' },
  { name: 'read', file: 'a.c', line: 3 },
  { name: 'sys', file: '[kernel.kallsyms]' },
];
const file = (...profiles: object[]) => ({ shared: { frames: FRAMES }, profiles });

describe('reading', () => {
  test('sampled: weights by unit, kernel frames by their file', () => {
    const [profile] = readJsonText(
      file({
        type: 'sampled',
        name: 'p',
        unit: 'milliseconds',
        samples: [[0, 1, 2], [0], []],
        weights: [2, 1, 4],
      }),
    );
    expect(printProfile(profile!)).toBe(
      [
        'time/nanoseconds',
        ' = 4000000',
        '"main" = 1000000',
        '"main" > "read"[a.c:3] > "sys"[kernel] = 2000000',
      ].join('\n'),
    );
  });
  test('evented: each stretch of time is of what is open, with its time', () => {
    const event = (type: string, frame: number, at: number) => ({ type, frame, at });
    const [profile] = readJsonText(
      file({
        type: 'evented',
        name: 'p',
        unit: 'microseconds',
        startValue: 10,
        endValue: 17,
        events: [
          event('O', 0, 10),
          event('O', 1, 12),
          event('C', 1, 15),
          event('C', 0, 16),
          event('O', 1, 17),
          event('C', 1, 17),
        ],
      }),
    );
    expect(printProfile(profile!, { merged: false, times: true })).toBe(
      [
        'time/nanoseconds',
        '"main" @0 = 2000',
        '"main" > "read"[a.c:3] @2000 = 3000',
        '"main" @5000 = 1000',
      ].join('\n'),
    );
    expect(profile!.durationNs).toBe(7000);
  });
  test('several profiles, the active one first', () => {
    const one = (name: string) => ({ type: 'sampled', name, unit: 'none', samples: [[0]], weights: [1] });
    const profiles = readJsonText({ ...file(one('a'), one('b')), activeProfileIndex: 1 });
    expect(profiles.map(({ title }) => title)).toEqual(['b', 'a']);
  });
  const sampled = { type: 'sampled', name: 'p', unit: 'none', samples: [[0]], weights: [1] };
  const evented = (...events: object[]) => ({
    type: 'evented',
    name: 'p',
    unit: 'none',
    startValue: 5,
    endValue: 9,
    events,
  });
  test.each<[object, string]>([
    [
      { ...sampled, samples: [[0], [0, 9]], weights: [1, 1] },
      'profiles[0].samples[1][1]: names frame 9, there are 3',
    ],
    [{ ...sampled, samples: [3] }, 'profiles[0].samples[0]: is 3, expected an array'],
    [{ ...sampled, weights: [1, 2] }, 'profiles[0].weights: has 2 weights for 1 samples'],
    [{ ...sampled, weights: ['x'] }, 'profiles[0].weights[0]: is text, expected a number'],
    [{ ...sampled, weights: [-1] }, 'profiles[0].samples[0]: the value -1 is below zero'],
    [{ ...sampled, type: 'other' }, 'profiles[0].type: is "other", expected "sampled" or "evented"'],
    [{ ...sampled, unit: undefined }, 'profiles[0].unit: is missing, expected text'],
    [evented({ type: 'C', frame: 0, at: 6 }), 'profiles[0].events[0]: closes frame 0, while none is open'],
    [evented({ type: 'O', frame: 0, at: 6 }), 'profiles[0].events: leave 1 frames open at the end'],
    [evented({ type: 'O', frame: 0, at: 1 }), 'profiles[0].events[0].at: is 1, before'],
    [evented({ type: 'Q', frame: 0, at: 6 }), 'profiles[0].events[0].type: is neither'],
  ])('%j is refused with its place', (profile, message) => {
    expect(() => readJsonText(file(profile))).toThrow(`speedscope: ${message}`);
  });
  test('text that is no JSON is refused with line and column', async () => {
    const text = '{\n "shared": {"frames": []},\n "profiles": [1,}\n}';
    await expect(readProfile(new TextEncoder().encode(text))).rejects.toThrow(
      /^speedscope: line 3, column 17: is no JSON/,
    );
  });
});

describe('round trips', () => {
  test('in → out → in is equal', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const profile = randomProfile(seededRandom(seed), {
        valueTypes: [
          { type: 'alloc_objects', unit: 'count' },
          { type: 'alloc_space', unit: 'bytes' },
        ],
        hasFiles: true,
        hasEmptyStacks: true,
        fractions: true,
      });
      const { bytes, lost } = writeSpeedscope(profile);
      expect(lost).toEqual([]);
      const [back, ...others] = readSpeedscope(bytes, contextFor('speedscope'));
      expect(others).toEqual([]);
      expect(printProfile(back!, { merged: false }), `seed ${seed}`).toBe(
        printProfile(profile, { merged: false }),
      );
      expect(back!.title).toBe(profile.title);
      expect(writeSpeedscope(back!).bytes).toEqual(writeSpeedscope(back!).bytes);
    }
  });
  test('waits come back with their roles in every view', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const tables = new ProfileTables();
      const { rows } = randomWindow(seededRandom(seed), tables);
      for (const view of VIEWS) {
        const samples = rowsToSamples(tables, rows, { view, kinds: KINDS }, { title: 'host · now' });
        const facts = { view } as NonNullable<WriteOptions['facts']>;
        const { bytes, lost } = writeSpeedscope(samples, { facts });
        const isAmbiguous = samples.frames.some(
          ({ name, role }) => /^--?$/.test(name) && role !== 'separator',
        );
        const options = { labels: false, files: false, modules: false, roles: !isAmbiguous, kinds: false };
        const [back] = readSpeedscope(bytes, contextFor('speedscope'));
        expect(printProfile(back!, options), `seed ${seed} ${view}`).toBe(printProfile(samples, options));
        expect([back!.title, back!.valueTypes]).toEqual(['host · now', samples.valueTypes]);
        if (samples.sampleStack.length > 0) expect(lost.join()).toContain('comm, tgid, tid, kind');
      }
    }
  });
});
