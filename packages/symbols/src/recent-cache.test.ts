import { describe, expect, test } from 'vitest';
import { RecentCache } from './recent-cache.js';

describe('RecentCache', () => {
  test('keeps what is used, however much else comes', () => {
    const cache = new RecentCache<number, string>(8);
    cache.set(0, 'used');
    for (let key = 1; key < 1000; key++) {
      cache.set(key, 'once');
      expect(cache.get(0)).toBe('used');
    }
  });

  test('forgets what is not used, and holds no more than its bound', () => {
    const cache = new RecentCache<number, number>(8);
    for (let key = 0; key < 1000; key++) {
      cache.set(key, key);
      const held = Array.from({ length: key + 1 }, (_, i) => i).slice(-20);
      // Asking would keep them: look at copies of the newest only.
      expect(cache.get(held.at(-1)!)).toBe(key);
    }
    const left = Array.from({ length: 1000 }, (_, key) => key).filter((key) => cache.get(key) !== undefined);
    expect(left.length).toBeGreaterThanOrEqual(4);
    expect(left.length).toBeLessThanOrEqual(8);
    expect(Math.min(...left)).toBeGreaterThanOrEqual(992);
  });

  test('a value that is set again replaces the older one in either generation', () => {
    const cache = new RecentCache<string, number>(4);
    cache.set('a', 1);
    cache.set('b', 1);
    cache.set('c', 1);
    cache.set('a', 2);
    expect(cache.get('a')).toBe(2);
  });
});
