import { HINT_WORDS, UNNAMED, UNNAMED_WORDS, type UnnamedCode } from '@stallscope/profile';
import { seededRandom } from '@stallscope/profile/fixtures';
import { expect, test } from 'vitest';
import { randomProfile } from '../fixtures/random-profile.js';
import { waitsOf } from '../fixtures/waits.js';
import { framesRootFirst } from '../sample-paths.js';
import { writeJson } from './write-json.js';

const write = (...args: Parameters<typeof writeJson>) =>
  JSON.parse(new TextDecoder().decode(writeJson(...args).bytes));

test('waits: the documented object', () => {
  const { profile, facts } = waitsOf({ kinds: ['blocked'] }, { losses: { 'stack-error': 1 } });
  const json = write(profile, { facts });
  expect(json).toMatchObject({
    format: 'stallscope-profile',
    version: 1,
    view: 'off-cpu',
    startedAt: '2023-11-14T22:13:20.000Z',
    durationMs: 1000,
    tauNs: 1_000_000,
    kinds: ['blocked'],
    totals: { sampledNs: 5_000_000, exactNs: 5_000_000, ratio: 1 },
    losses: { 'stack-error': 1 },
  });
  expect(json.stacks.map(({ ns, count }: { ns: number; count: number }) => [ns, count])).toEqual([
    [3_000_000, 3],
    [2_000_000, 1],
  ]);
  expect(json.stacks[0].frames.at(-1)).toEqual({
    name: 'io_schedule',
    role: 'kernel',
    module: 'ext4',
    unnamed: null,
  });
});

test('what has no name is told with what to do about it, and so are processes that could tell more', () => {
  const { profile, facts } = waitsOf({ kinds: ['blocked'] });
  profile.frames = profile.frames.map((frame) =>
    frame.role === 'kernel' ? { ...frame, unnamed: UNNAMED.indexOf('no-symbol') as UnnamedCode } : frame,
  );
  const hints = [{ tgid: 7, name: 'node', hint: 'node-perf-basic-prof' as const }];
  const { unnamed, hints: written } = write(profile, { facts: { ...facts, hints } });
  expect(unnamed.share).toBeGreaterThan(0);
  expect(unnamed.reasons).toEqual([
    {
      reason: 'no-symbol',
      share: unnamed.share,
      files: [{ module: 'ext4', share: expect.any(Number) }],
      why: UNNAMED_WORDS['no-symbol'].why,
      remedy: UNNAMED_WORDS['no-symbol'].remedy,
    },
  ]);
  expect(written).toEqual([{ ...hints[0], ...HINT_WORDS['node-perf-basic-prof'] }]);
});

test('a profile from elsewhere: every sample with all that is known of it', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const profile = randomProfile(seededRandom(seed), {
      hasFiles: true,
      hasLabels: true,
      hasTimes: true,
      hasEmptyStacks: true,
    });
    const json = write(profile);
    expect(json).toMatchObject({
      format: 'stallscope-samples',
      version: 1,
      title: profile.title,
      startedAt: null,
    });
    expect(json.samples).toHaveLength(profile.sampleStack.length);
    for (const [sample, read] of json.samples.entries()) {
      const names = framesRootFirst(profile, profile.sampleStack[sample]!).map(
        (frame) => profile.frames[frame]!.name,
      );
      expect(read.frames.map(({ name }: { name: string }) => name)).toEqual(names);
      expect(read.values).toEqual([profile.sampleValues[0]![sample]]);
      expect(read.labels).toEqual(profile.labelSets[profile.sampleLabels[sample]!]);
      expect(read.atNs).toBe(profile.sampleAtNs![sample]);
    }
  }
});
