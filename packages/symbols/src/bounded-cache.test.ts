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

test('whatever is done to it, it holds what was used last', () => {
  const seed = Number(process.env.STALLSCOPE_SEED ?? 7);
  console.info(`STALLSCOPE_SEED=${seed}`);
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const evicted: number[] = [];
  const cache = new BoundedCache<number, number>(5, (value) => evicted.push(value));
  /** Least recently used first. */
  let model: [key: number, value: number][] = [];
  const gone: number[] = [];
  for (let step = 0; step < 20_000; step++) {
    const key = random(9);
    const at = model.findIndex(([known]) => known === key);
    switch (random(4)) {
      case 0: {
        if (at >= 0) gone.push(model.splice(at, 1)[0]![1]);
        model.push([key, step]);
        cache.set(key, step);
        if (model.length > 5) gone.push(model.shift()![1]);
        break;
      }
      case 1: {
        if (at >= 0) gone.push(model.splice(at, 1)[0]![1]);
        cache.delete(key);
        break;
      }
      default: {
        expect(cache.get(key)).toBe(at < 0 ? undefined : model[at]![1]);
        if (at >= 0) model.push(...model.splice(at, 1));
      }
    }
    expect([...cache.entries()]).toEqual(model);
    if (random(500) === 0) {
      gone.push(...model.map(([, value]) => value));
      model = [];
      cache.clear();
    }
  }
  expect(evicted).toEqual(gone);
});
