import { NONE, SampleProfileBuilder } from '@stallscope/profile';
import { describe, expect, it } from 'vitest';
import { toSampleStrip } from './sample-strip';

const MS = 1e6;

function profileOf(samples: [atNs: number, value: number, tid?: number][], startMs: number | null = null) {
  const builder = new SampleProfileBuilder('test', [{ type: 'samples', unit: 'count' }]);
  for (const [atNs, value, tid = 1] of samples) builder.sample(NONE, [value], builder.labels({ tid }), atNs);
  builder.profile.startMs = startMs;
  return builder.profile;
}

describe('the strip of samples', () => {
  it('has each value at its time, from the clock that the profile begins by', () => {
    const strip = toSampleStrip(
      profileOf(
        [
          [0, 5],
          [3.5 * MS, 2],
          [3.9 * MS, 1],
        ],
        1000,
      ),
      { value: 0 },
    )!;
    expect([...strip.startMs]).toEqual([1000, 1001, 1002, 1003]);
    expect([...strip.blockedNs]).toEqual([5, 0, 0, 3]);
  });

  it('keeps what labels keep, whatever stretch is shown', () => {
    const profile = profileOf([
      [0, 5, 1],
      [1 * MS, 2, 2],
      [2 * MS, 4, 1],
    ]);
    const strip = toSampleStrip(profile, { value: 0, labels: { tid: 1 }, fromNs: 0, toNs: 1 })!;
    expect([...strip.blockedNs]).toEqual([5, 0, 4]);
  });

  it('has a bounded number of bars that hold all of the value', () => {
    const samples = Array.from({ length: 5000 }, (_, i): [number, number] => [i * 7 * MS, 2]);
    const strip = toSampleStrip(profileOf(samples), { value: 0 })!;
    expect(strip.startMs.length).toBeLessThanOrEqual(300);
    expect(strip.blockedNs.reduce((sum, value) => sum + value, 0)).toBe(10_000);
  });

  it('is none where there are no times, or one', () => {
    const builder = new SampleProfileBuilder('test', [{ type: 'samples', unit: 'count' }]);
    builder.sample(NONE, [1], builder.labels({}));
    expect(toSampleStrip(builder.profile, { value: 0 })).toBeNull();
    expect(
      toSampleStrip(
        profileOf([
          [5, 1],
          [6, 1],
        ]),
        { value: 0 },
      ),
    ).toBeNull();
  });
});
