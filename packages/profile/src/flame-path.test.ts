import { expect, it } from 'vitest';
import { checkSeeds, randomWindow, stacksFromText } from './fixtures/index.js';
import { FlameBuilder } from './flame-builder.js';
import { findNode, pathOf } from './flame-path.js';
import { KINDS } from './kinds.js';
import { type Query, VIEWS } from './query.js';
import { ProfileTables } from './tables.js';

const QUERY: Query = { view: 'off-cpu', kinds: KINDS };

it('finds a node again in a later tree, where it has another number', () => {
  const tables = new ProfileTables();
  const builder = new FlameBuilder(tables);
  const before = builder.build(stacksFromText('m: f;g = 1us', tables).rows, QUERY);
  const path = pathOf(before, 3);
  expect(path).toEqual([
    { label: 'm', role: 'comm' },
    { label: 'f', role: 'user' },
    { label: 'g', role: 'user' },
  ]);
  const after = builder.build(stacksFromText('a: x = 1us\n m: f;g = 9us', tables).rows, QUERY);
  const node = findNode(after, path);
  expect(node).toBe(5);
  expect(after.totalValue[node!]).toBe(9_000);
});

it('does not take one role for another', () => {
  const { tables, rows } = stacksFromText('m: | f = 1us');
  const tree = new FlameBuilder(tables).build(rows, QUERY);
  expect(
    findNode(tree, [
      { label: 'm', role: 'comm' },
      { label: 'f', role: 'user' },
    ]),
  ).toBeUndefined();
});

it('has the empty path for the root', () => {
  const { tables, rows } = stacksFromText('m: f = 1us');
  const tree = new FlameBuilder(tables).build(rows, QUERY);
  expect(pathOf(tree, 0)).toEqual([]);
  expect(findNode(tree, [])).toBe(0);
});

it('finds every node of any tree by its path', () => {
  checkSeeds(40, (random) => {
    const tables = new ProfileTables();
    const { rows } = randomWindow(random, tables);
    const tree = new FlameBuilder(tables).build(rows, { view: random.pick(VIEWS), kinds: KINDS });
    for (let node = 0; node < tree.nodeCount; node++) expect(findNode(tree, pathOf(tree, node))).toBe(node);
  });
});
