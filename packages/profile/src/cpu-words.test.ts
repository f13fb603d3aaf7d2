import { expect, it } from 'vitest';
import { cpuSampleWords } from './cpu-words.js';

it.each([
  [{ captures: 1228, sampledNs: 1228 * 10_101_010 }, '1,228 samples at 99 Hz ± 2.9 %'],
  [{ captures: 1, sampledNs: 1e6 }, '1 sample at 1000 Hz ± 100.0 %'],
  [{ captures: 0, sampledNs: 0 }, 'no samples'],
])('%o', (totals, words) => {
  expect(cpuSampleWords(totals)).toBe(words);
});
