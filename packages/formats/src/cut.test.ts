/** Files that were cut off or damaged are refused as what they are, with the place; a difference is told of as one. */
import { expect, test } from 'vitest';
import { writeDiff } from './diff/write-diff.js';
import { waitsOf } from './fixtures/waits.js';
import type { DiffFormat } from './format-names.js';
import { readProfile } from './read.js';
import { writeProfile } from './write.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function refusal(content: Uint8Array): Promise<string> {
  return readProfile(content).then(
    (read) => `read as ${read.format}`,
    (error: Error) => error.message,
  );
}

test('an OTLP file is one wherever it was cut', async () => {
  const { profile, facts } = waitsOf();
  const whole = (await writeProfile(profile, 'otlp', { facts })).bytes;
  expect(await refusal(whole)).toBe('read as otlp');
  for (const share of [0.3, 0.6, 0.9]) {
    expect(await refusal(whole.subarray(0, whole.length * share))).toMatch(/^otlp: byte \d+: /);
  }
});

test('a profile of V8 cut before its times is one, with the place', async () => {
  const text =
    '{"nodes":[{"id":1,"callFrame":{"functionName":"(root)","scriptId":"0","url":"","lineNumber":-1,"columnNumber":-1},"hitCount":0,"chil';
  expect(await refusal(bytes(text))).toMatch(/^chrome-cpuprofile: line 1, column \d+: is no JSON/);
});

test('a speedscope file cut inside its frames is one, with the place', async () => {
  const text =
    '{"$schema":"https://www.speedscope.app/file-format-schema.json","shared":{"frames":[{"name":"a"},{"na';
  expect(await refusal(bytes(text))).toMatch(/^speedscope: line 1, column \d+: is no JSON/);
});

test('our own difference is not taken for a profile', async () => {
  const { profile } = waitsOf();
  const side = { profile, value: profile.defaultValue, title: 'one' };
  const write = (format: DiffFormat) =>
    writeDiff(side, side, format, { normalise: false, width: 'after' }).bytes;
  expect(await refusal(write('json'))).toContain('the JSON of a difference');
  const folded = await readProfile(write('folded'));
  expect(folded.format === 'folded' && folded.notes).toEqual([expect.stringContaining('two numbers')]);
  const plain = await readProfile(bytes('worker 1;run 5\nworker 2;run 7\n'));
  expect(plain.format === 'folded' && plain.notes).toEqual([]);
});
