import { expect, test } from 'vitest';
import { BoundedLog } from './bounded-log.js';

function check(appended: string[], expected: string): void {
  const log = new BoundedLog(4, 4);
  for (const text of appended) log.append(text);
  expect(log.toString()).toBe(expected);
  // Reading changes nothing.
  expect(log.toString()).toBe(expected);
}

test.each<[string, string[], string]>([
  ['nothing', [], ''],
  ['less than the head', ['ab', 'c'], 'abc'],
  ['head and tail full to the brim', ['abcdefgh'], 'abcdefgh'],
  ['one long line', ['abcdefghijkl'], 'abcd\n… 4 characters left out …\nijkl'],
  ['many short ones', [...'abcdefghijklmnopqrstuvwxyz'], 'abcd\n… 18 characters left out …\nwxyz'],
])('%s', (_name, appended, expected) => check(appended, expected));

test('a log of any length stays small', () => {
  const log = new BoundedLog(1000, 1000);
  for (let i = 0; i < 100_000; i++) log.append(`line ${i}\n`);
  expect(log.toString().length).toBeLessThan(2100);
  expect(log.toString()).toMatch(/^line 0\n.*line 99999\n$/s);
});
