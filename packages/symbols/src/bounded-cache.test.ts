import { expect, test } from 'vitest';
import { BoundedCache } from './bounded-cache.js';

test('what was used least recently goes first, and is told', () => {
  const evicted: number[] = [];
  const cache = new BoundedCache<string, number>(2, (value) => evicted.push(value));
  cache.set('a', 1);
  cache.set('b', 2);
  cache.get('a');
  cache.set('c', 3);
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, undefined, 3]);
  expect(evicted).toEqual([2]);
  cache.clear();
  expect(evicted).toEqual([2, 1, 3]);
  expect(cache.size).toBe(0);
});
