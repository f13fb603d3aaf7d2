import { expect, it } from 'vitest';
import { keyedHash, sipHash } from './keyed-hash.js';

const KEY = Uint8Array.from({ length: 16 }, (_, n) => n);

it.each([
  [0, '726fdb47dd0e0e31'],
  [1, '74f839c593dc67fd'],
  [7, 'ab0200f58b01d137'],
  [8, '93f5f5799a932462'],
  [15, 'a129ca6149be45e5'],
  [63, '958a324ceb064572'],
])("is the authors' own of the bytes 0, 1, 2 … (%i of them)", (length, expected) => {
  const bytes = Uint8Array.from({ length }, (_, n) => n);
  expect(sipHash(KEY, bytes).toString(16).padStart(16, '0')).toBe(expected);
});

it('tells apart texts that differ in one code unit, half a character too', () => {
  const hashes = ['nginx', 'nginy', 'ngin\u0178', '\ud83e\udd89', '\ud83e', ''].map((text) =>
    keyedHash(KEY, text),
  );
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(
    keyedHash(
      Uint8Array.from(KEY, (byte) => byte ^ 1),
      'nginx',
    ),
  ).not.toBe(hashes[0]);
});

it('refuses a key of another length', () => {
  expect(() => keyedHash(new Uint8Array(15), 'x')).toThrow('it has 15 bytes and needs 16');
});
