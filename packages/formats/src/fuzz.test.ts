/**
 * Files that lie, made from valid ones by chance: whatever is in a file, it is read into a valid profile or refused with a
 * FormatError, and soon. A seed that fails is printed; STALLSCOPE_SEED=N begins at it.
 */
import { type Random, seededRandom } from '@stallscope/profile/fixtures';
import { describe, expect, test } from 'vitest';
import { assertValidProfile } from './fixtures/assert-valid-profile.js';
import { checkSeedsAsync, numberOfEnvironment } from './fixtures/check-seeds-async.js';
import { FORMAT_SEEDS } from './fixtures/format-seeds.js';
import { FormatError } from './format-error.js';
import { FORMAT_NAMES } from './format-names.js';
import { gzip } from './inflate.js';
import { readProfile } from './read.js';
import { DEFAULT_READ_LIMITS, type ReadLimits } from './read-limits.js';

/** Small, so that a lie that is believed is felt at once. */
const LIMITS: ReadLimits = {
  ...DEFAULT_READ_LIMITS,
  maxInflatedBytes: 1 << 22,
  maxStacks: 1 << 14,
  maxSamples: 1 << 14,
  maxFrames: 1 << 12,
  maxDepth: 500,
  maxNesting: 200,
  deadlineMs: 10_000,
};
/** Files of a few kilobytes: even a noisy machine reads one in this time. */
const MAX_MS = 2000;
/** Enough to try each mutation of each format; more by STALLSCOPE_FUZZ_SEEDS. */
const SEEDS = numberOfEnvironment('STALLSCOPE_FUZZ_SEEDS') ?? 60;

describe('mutated files are read or refused, never more', () => {
  test.each(FORMAT_NAMES)('%s', async (format) => {
    let refused = 0;
    await checkSeedsAsync(SEEDS, async (random) => {
      const bytes = await FORMAT_SEEDS[format](random);
      const mutated = random.chance(0.5) ? mutateBytes(random, bytes) : mutateText(random, bytes);
      if (!(await isRead(mutated))) refused++;
    });
    // Neither all nor none: else the mutations would try nothing.
    expect(refused).toBeGreaterThan(SEEDS / 20);
    expect(refused).toBeLessThan(SEEDS);
  });
  test('what is not mutated is read as what it is', async () => {
    for (const format of FORMAT_NAMES) {
      await checkSeedsAsync(10, async (random) => {
        const read = await readProfile(await FORMAT_SEEDS[format](random));
        expect(read.format).toBe(format);
      });
    }
  });
  test('gzip that is broken is refused, or reads as what is left', async () => {
    await checkSeedsAsync(SEEDS, async (random) => {
      const bytes = await gzip(await FORMAT_SEEDS.pprof(random));
      await isRead(mutateBytes(random, bytes));
    });
  });
  test('noise is read or refused', async () => {
    await checkSeedsAsync(SEEDS, async (random) => {
      const bytes = Uint8Array.from({ length: random.integer(1, 400) }, () => random.integer(0, 255));
      await isRead(bytes);
    });
  });
});

/** Whether it was read; throws where it was neither read into valid profiles nor refused. */
async function isRead(bytes: Uint8Array): Promise<boolean> {
  const startMs = performance.now();
  try {
    const read = await readProfile(bytes, { limits: LIMITS });
    if (read.format !== 'stallscope') for (const profile of read.profiles) assertValidProfile(profile);
    return true;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    expect(error.message).not.toBe('');
    return false;
  } finally {
    expect(performance.now() - startMs).toBeLessThan(MAX_MS);
  }
}

/** Changes, cuts and repeats bytes: lengths, tags and counts of binary formats. */
function mutateBytes(random: Random, bytes: Uint8Array): Uint8Array {
  let mutated = Uint8Array.from(bytes);
  for (let times = random.integer(1, 4); times > 0; times--) {
    const at = random.integer(0, Math.max(0, mutated.length - 1));
    const to = Math.min(mutated.length, at + random.integer(1, 40));
    const what = random.integer(0, 4);
    if (what === 0) mutated[at] = random.integer(0, 255);
    else if (what === 1) mutated[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, 0x22, 0x7b, 0x5b]);
    else if (what === 2) mutated = mutated.slice(0, at);
    else if (what === 3)
      mutated = joined(mutated.subarray(0, to), mutated.subarray(at, to), mutated.subarray(to));
    else mutated = joined(mutated.subarray(0, at), mutated.subarray(to));
  }
  return mutated;
}

/** Puts awkward values where numbers and texts stand: what a JSON or text format is fooled by. */
function mutateText(random: Random, bytes: Uint8Array): Uint8Array {
  let text = new TextDecoder('latin1').decode(bytes);
  for (let times = random.integer(1, 3); times > 0; times--) {
    const tokens = [...text.matchAll(/-?\d+(?:\.\d+)?|"[^"]{0,40}"|null|\[\]|\{\}/g)];
    if (tokens.length === 0) break;
    const { index, 0: token } = random.pick(tokens);
    text = text.slice(0, index) + random.pick(AWKWARD) + text.slice(index + token.length);
  }
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

const AWKWARD = [
  '-1',
  '0',
  '4294967296',
  '9007199254740993',
  '1e308',
  '-1e308',
  '0.5',
  'null',
  'true',
  '""',
  '"__proto__"',
  '"constructor"',
  '[]',
  '{}',
  '[[[[[[]]]]]]',
  '{"length":1000000000}',
  '99999999999999999999',
  `"${'x'.repeat(1000)}"`,
  '',
];

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

test('mutations follow from their seed', async () => {
  const once = async () => mutateBytes(seededRandom(7), await FORMAT_SEEDS.pprof(seededRandom(7)));
  expect(await once()).toEqual(await once());
});
