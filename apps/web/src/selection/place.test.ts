import { FlameBuilder, type FlameTree, ProfileTables, RowAggregate } from '@stallscope/profile';
import { randomWindow, seededRandom } from '@stallscope/testing';
import { describe, expect, it } from 'vitest';
import { findPlace, MAX_PATH_CHARS, placeLabel, placeOf, readPlace, writePlace } from './place';

function randomTree(seed: number): FlameTree {
  const tables = new ProfileTables();
  const random = seededRandom(seed);
  const rows = new RowAggregate();
  // Several, as one may be empty.
  for (let n = 0; n < 4; n++)
    rows.add(randomWindow(random, tables, { maxRows: 30, maxDepth: 40, maxWakers: 4 }));
  return new FlameBuilder(tables).build(rows.rows(), { view: 'chain', kinds: ['blocked', 'runq'] });
}

function deepestOf(tree: FlameTree): number {
  let deepest = 0;
  const depths = [0];
  for (let node = 1; node < tree.nodeCount; node++) {
    depths.push(depths[tree.parent[node]!]! + 1);
    if (depths[node]! > depths[deepest]!) deepest = node;
  }
  return deepest;
}

function afterUrl(tree: FlameTree, node: number): number | undefined {
  const text = writePlace(placeOf(tree, node));
  expect(text.length).toBeLessThanOrEqual(MAX_PATH_CHARS);
  const place = readPlace(new URLSearchParams(`zoom=${encodeURIComponent(text)}`).get('zoom')!)!;
  expect(writePlace(place)).toBe(text);
  return findPlace(tree, place);
}

describe('place', () => {
  it('finds nodes again after a trip through the URL', () => {
    for (const seed of [1, 2, 3]) {
      const tree = randomTree(seed);
      const step = Math.ceil(tree.nodeCount / 40);
      for (let node = 1; node < tree.nodeCount; node += step) expect(afterUrl(tree, node)).toBe(node);
    }
  });

  it('writes a path that is too long as a hash, which its tree finds again', () => {
    const tree = randomTree(4);
    const deepest = deepestOf(tree);
    expect(writePlace(placeOf(tree, deepest))).toMatch(/^\*[0-9a-z]+~/);
    expect(afterUrl(tree, deepest)).toBe(deepest);
    expect(afterUrl(tree, tree.parent[deepest]!)).toBe(tree.parent[deepest]);
  });

  it('keeps labels that hold the separator and the escape', () => {
    const place = { kind: 'path', path: [{ label: 'a~b!c!~', role: 'user' }] } as const;
    expect(writePlace(place)).toBe('ua!~b!!c!!!~');
    expect(readPlace(writePlace(place))).toEqual(place);
    expect(placeLabel(place)).toBe('a~b!c!~');
  });

  it.each(['', '?x', 'ux!', 'rroot', '*', '*!!!~x', '*abc', '*abc~x~y'])('reads %j as no place', (text) => {
    expect(readPlace(text)).toBeUndefined();
  });

  it('reads no path longer than any that is written', () => {
    expect(readPlace(`u${'x'.repeat(MAX_PATH_CHARS)}`)).toBeUndefined();
  });

  it('finds nothing where the tree has no such path', () => {
    const tree = randomTree(6);
    expect(findPlace(tree, readPlace('cnobody~unothing')!)).toBeUndefined();
    expect(findPlace(tree, readPlace('*abc~gone')!)).toBeUndefined();
  });
});
