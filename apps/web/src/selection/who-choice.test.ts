import { expect, it } from 'vitest';
import { SELECTION_PARSERS } from './selection';
import { readWho, toWhoFilter, withoutWho, withWho, writeWho } from './who-choice';

it.each([
  [[]],
  [[{ key: 'user', value: 'root' }]],
  [
    [
      { key: 'command', value: 'a~b !c=d&e' },
      { key: 'unit', value: 'x@1.service' },
    ],
  ],
] as const)('what is written is read again: %j', (choices) => {
  expect(readWho(writeWho(choices))).toEqual(choices);
});

it.each(['', 'user', 'user~', 'nobody~x', 'user~a~user~b~', '!', `user~${'x'.repeat(301)}`])(
  'nonsense is no error and chooses no more than it says: %j',
  (text) => {
    expect(readWho(text).length).toBeLessThanOrEqual(text.startsWith('user~a') ? 1 : 0);
  },
);

it('a key has one value, and keys have one order', () => {
  const one = withWho([], 'unit', 'a');
  const two = withWho(withWho(one, 'user', 'root'), 'unit', 'b');
  expect(toWhoFilter(two)).toEqual({ user: 'root', unit: 'b' });
  expect(two.map(({ key }) => key)).toEqual(['user', 'unit']);
  expect(withoutWho(two, 'user')).toEqual([{ key: 'unit', value: 'b' }]);
});

it('is in the query string', () => {
  const { by, who } = SELECTION_PARSERS;
  expect(by.parse('user')).toBe('user');
  expect(by.parse('weather')).toBeNull();
  expect(who.parse('user~root')).toEqual([{ key: 'user', value: 'root' }]);
});
