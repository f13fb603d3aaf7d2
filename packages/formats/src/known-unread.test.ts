import { expect, test } from 'vitest';
import { waitsOf } from './fixtures/waits.js';
import { FormatError } from './format-error.js';
import { gzip } from './inflate.js';
import { readProfile } from './read.js';
import { writeProfile } from './write.js';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

async function refusal(content: Uint8Array): Promise<{ message: string; hint: string }> {
  const error = await readProfile(content).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof FormatError)) throw new Error(`not refused by its kind: ${error}`);
  return { message: error.message, hint: error.hint };
}

test.each([
  ['perf.data', 'PERFILE2\x68\0\0\0', 'perf.data', 'perf script'],
  ['a zip archive', 'PK\x03\x04\x14\0', 'a zip archive', 'Unpack it'],
  ['zstd', '\x28\xb5\x2f\xfd\x04', 'packed by zstd', 'zstd -d'],
  ['xz', '\xfd7zXZ\x00\x00', 'packed by xz', 'xz -dk'],
  ['bzip2', 'BZh91AY&SY', 'packed by bzip2', 'bzip2 -dk'],
  [
    'our JSON, made pretty by another',
    '{\n  "format": "stallscope-samples",\n "version": 1}',
    'JSON that',
    '--format',
  ],
])('%s is refused by its name, with what to do', async (_, content, message, hint) => {
  const refused = await refusal(bytes(content));
  expect(refused.message).toContain(message);
  expect(refused.hint).toContain(hint);
});

test('what we write to be looked at, or for programs, says so when it is opened, packed or not', async () => {
  const { profile, facts } = waitsOf();
  for (const [format, words] of [
    ['json', 'the JSON that Stallscope writes for programs'],
    ['svg', 'a picture or a page'],
    ['html', 'a picture or a page'],
  ] as const) {
    for (const options of [{}, { facts }]) {
      const written = await writeProfile(profile, format, options);
      expect((await refusal(written.bytes)).message, format).toContain(words);
      expect((await refusal(await gzip(written.bytes))).message, format).toContain(words);
    }
  }
});
