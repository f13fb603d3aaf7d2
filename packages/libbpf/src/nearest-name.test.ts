import { expect, test } from 'vitest';
import { nearestName, nearestNameHint } from './nearest-name.js';

test.each([
  ['target_tua', ['target_tau', 'target_tgid', 'comm'], 'target_tau'],
  ['rowz', ['rows', 'stacks'], 'rows'],
  ['entirely_else', ['rows', 'stacks'], undefined],
  ['x', [], undefined],
])('%s of %s is near %s', (wanted, known, expected) => {
  expect(nearestName(wanted, known)).toBe(expected);
});

test('a hint lists what there is', () => {
  expect(nearestNameHint('rowz', ['rows', 'stacks'])).toBe('did you mean rows? known: rows, stacks');
  expect(nearestNameHint('entirely_else', ['rows'])).toBe('known: rows');
  expect(nearestNameHint('rows', [])).toBe('there are none');
});
