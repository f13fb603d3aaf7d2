import { FlameBuilder, type FlameTree, ProfileTables, rowCount } from '@stallscope/profile';
import { randomWindow, seededRandom } from '@stallscope/testing';
import { describe, expect, it } from 'vitest';
import { findPlace, MAX_PATH_CHARS, placeLabel, placeOf, readPlace, writePlace } from './place';

function randomTree(seed: number): FlameTree {
  const tables = new ProfileTables();
  const window = randomWindow(seededRandom(seed), tables, { maxRows: 60, maxDepth: 40 });
  expect(rowCount(window.rows)).toBeGreaterThan(0);
  return new FlameBuilder(tables).build(window.rows, { view: 'chain', kinds: ['blocked', 'runq'] });
}

describe('place', () => {
  it('finds every node again after a trip through the URL, by path or by hash', () => {
    let hashed = 0;
    for (const seed of [1, 2, 3]) {
      const tree = randomTree(seed);
      // Finding a hash reads the whole tree: forty nodes of each say as much as all.
      const step = Math.ceil(tree.nodeCount / 40);
      for (let node = 1; node < tree.nodeCount; node += step) {
        const text = writePlace(placeOf(tree, node));
        if (text.startsWith('*')) hashed++;
        expect(text.length).toBeLessThanOrEqual(MAX_PATH_CHARS);
        const place = readPlace(new URLSearchParams(`zoom=${encodeURIComponent(text)}`).get('zoom')!);
        expect(place && findPlace(tree, place)).toBe(node);
        expect(writePlace(place!)).toBe(text);
      }
    }
    expect(hashed).toBeGreaterThan(0);
  });

  it('keeps labels that hold the separator and the escape', () => {
    const place = { kind: 'path', path: [{ label: 'a~b!c!~', role: 'user' }] } as const;
    expect(writePlace(place)).toBe('ua!~b!!c!!!~');
    expect(readPlace(writePlace(place))).toEqual(place);
    expect(placeLabel(place)).toBe('a~b!c!~');
  });

  it.each(['', '?x', 'ux!', 'rroot', '*', '*!!!~x', '*abc', '*abc~x~y', `u${'x'.repeat(MAX_PATH_CHARS)}`])(
    'reads %j as no place',
    (text) => {
      expect(readPlace(text)).toBeUndefined();
    },
  );

  it('finds nothing where the tree has no such path', () => {
    const tree = randomTree(6);
    expect(findPlace(tree, readPlace('cnobody~unothing')!)).toBeUndefined();
    expect(findPlace(tree, readPlace('*abc~gone')!)).toBeUndefined();
  });
});
