/** A recording in which nothing happened goes out and in again as any other. */
import { SampleProfileBuilder } from '@stallscope/profile';
import { describe, expect, test } from 'vitest';
import { waitsOf } from './fixtures/waits.js';
import { readProfile } from './read.js';
import { writeProfile } from './write.js';

const WAITS = waitsOf({ tgids: [404] });

function emptyOf(type: string, unit: 'nanoseconds' | 'count' | 'bytes') {
  const { profile } = new SampleProfileBuilder('nothing', [{ type, unit }]);
  return { profile, facts: undefined };
}

describe.each([
  ['waits that the filters leave none of', WAITS],
  ['samples', emptyOf('samples', 'count')],
  ['bytes', emptyOf('alloc_space', 'bytes')],
])('%s', (_, { profile, facts }) => {
  test.each(['pprof', 'speedscope', 'firefox', 'otlp'] as const)('come back from %s', async (format) => {
    expect(profile.sampleStack).toEqual([]);
    const { bytes } = await writeProfile(profile, format, facts === undefined ? {} : { facts });
    const read = await readProfile(bytes);
    if (read.format === 'stallscope') throw new Error(read.format);
    expect(read.profiles).toHaveLength(1);
    const again = read.profiles[0]!;
    expect(again.sampleStack).toEqual([]);
    expect(again.title).toBe(profile.title);
    // Firefox carries one kind of value, speedscope only the unit of each.
    const units = profile.valueTypes.map(({ unit }) => unit);
    expect(again.valueTypes.map(({ unit }) => unit)).toEqual(
      format === 'firefox' ? units.slice(0, 1) : units,
    );
  });
});

test('folded stacks of nothing are no bytes, which say nothing of what they are', async () => {
  const { bytes } = await writeProfile(WAITS.profile, 'folded');
  expect(bytes).toHaveLength(0);
  await expect(readProfile(bytes)).rejects.toThrow('the file is empty');
});
