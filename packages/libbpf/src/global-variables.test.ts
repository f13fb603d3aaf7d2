import { expect, test } from 'vitest';
import type { BtfVariable } from './btf.js';
import { type GlobalValue, toVariableBytes } from './global-variables.js';

function bytesOf(form: BtfVariable['form'], bytes: number, value: GlobalValue): number[] {
  return [...toVariableBytes({ name: 'v', offsetBytes: 0, bytes, form }, value, 'v of x.bpf.o')];
}

test.each<[BtfVariable['form'], number, GlobalValue, number[]]>([
  ['unsigned', 1, true, [1]],
  ['unsigned', 2, 0x1234, [0x34, 0x12]],
  ['unsigned', 4, 4294967295, [255, 255, 255, 255]],
  ['signed', 4, -2, [254, 255, 255, 255]],
  ['unsigned', 8, 2n ** 64n - 1n, [255, 255, 255, 255, 255, 255, 255, 255]],
  ['signed', 8, -1, [255, 255, 255, 255, 255, 255, 255, 255]],
  ['bytes', 4, 'abc', [97, 98, 99, 0]],
  ['bytes', 3, Uint8Array.of(1, 2, 3), [1, 2, 3]],
])('%s of %d bytes takes %s', (form, bytes, value, expected) => {
  expect(bytesOf(form, bytes, value)).toEqual(expected);
});

test.each<[BtfVariable['form'], number, GlobalValue, RegExp]>([
  ['unsigned', 1, 256, /256 is outside of the 0 to 255 that its 1 bytes hold/],
  ['unsigned', 4, -1, /outside/],
  ['signed', 1, 128, /outside of the -128 to 127/],
  ['unsigned', 8, 2n ** 64n, /outside/],
  ['unsigned', 8, 0.5, /not an exact integer/],
  ['bytes', 4, 'abcd', /does not fit/],
  ['unsigned', 4, 'a', /does not fit/],
  ['bytes', 16, 7, /takes 16 bytes, not a number/],
  ['bytes', 4, Uint8Array.of(1), /takes 4 bytes, not 1/],
])('%s of %d bytes refuses %s', (form, bytes, value, expected) => {
  expect(() => bytesOf(form, bytes, value)).toThrow(expected);
});
