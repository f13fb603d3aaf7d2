import { expect, it } from 'vitest';
import { readPasswd, UserNames } from './user-names.js';

it('reads what getpwuid would find', () => {
  const names = readPasswd(
    'root:x:0:0::/root:/bin/sh\ntoor:x:0:0::\n+nis\n# no\nbroken\nme:x:1000:1000::/:/\n',
  );
  expect([...names]).toEqual([
    [0, 'root'],
    [1000, 'me'],
  ]);
});

it('a user made while it runs is named after a while, and one without a name is its number', () => {
  let nowMs = 0;
  let text = 'root:x:0:0::/:/\n';
  const users = new UserNames({ version: () => String(text.length), text: () => text }, () => nowMs);
  expect([users.nameOf(0), users.nameOf(1000)]).toEqual(['root', '1000']);
  text += 'me:x:1000:1000::/:/\n';
  nowMs = 60_000;
  expect(users.nameOf(1000)).toBe('me');
});

it('a host without the file has numbers', () => {
  const users = new UserNames({ version: () => undefined, text: () => expect.fail('read') });
  expect(users.nameOf(0)).toBe('0');
});
