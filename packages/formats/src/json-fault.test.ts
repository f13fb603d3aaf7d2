import { checkSeeds } from '@stallscope/profile/fixtures';
import { expect, test } from 'vitest';
import { findJsonFault } from './json-fault.js';

test.each([
  ['', 0, 'ends where a value should be'],
  ['{"a": [1, 2', 11, 'ends where a comma or the closing bracket should be'],
  ['[1,}', 3, '"}" where a value should be'],
  ['[1,]', 3, '"]" where a value should be'],
  ['{"a" 1}', 5, '"1" where a colon should be'],
  ['{a: 1}', 1, '"a" where a name in quotes or } should be'],
  ['[1] x', 4, '"x" where the end should be'],
  ['["a\n"]', 1, '"\\"" where'],
  ['[01]', 2, '"1" where a comma'],
  ['{"a":1]', 6, '"]" where a comma or the closing bracket should be'],
])('%j at %d', (text, at, what) => {
  expect(findJsonFault(text)).toMatchObject({ at, what: expect.stringContaining(what) });
});

test('finds one exactly where the platform’s parser does', () => {
  const whole = JSON.stringify({ a: [1, -2.5e3, null, true, { b: 'x\\"\u00e9' }], c: {}, d: [] }, null, 1);
  checkSeeds(2000, (random) => {
    const letters = [...whole];
    for (let changes = random.integer(0, 3); changes > 0; changes--) {
      letters.splice(
        random.integer(0, letters.length - 1),
        random.integer(0, 2),
        random.pick([...'{}[],:"0 e\\']),
      );
    }
    const text = letters.join('');
    let isJson = true;
    try {
      JSON.parse(text);
    } catch {
      isJson = false;
    }
    expect(findJsonFault(text) === undefined, text).toBe(isJson);
  });
});
