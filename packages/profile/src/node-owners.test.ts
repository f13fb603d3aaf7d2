import { expect, it } from 'vitest';
import { checkSeeds } from './fixtures/index.js';
import { NONE } from './kinds.js';
import { largestOwners, pick } from './node-owners.js';

const ROOT_OWNER = 7;
const NOBODY = 4;

it('the example of the header: who has most of each node, what share, and how many have some', () => {
  const parents = Int32Array.of(NONE, 0, 1, 1);
  const ends = new Map([
    [ROOT_OWNER, new Map([[2, 3]])],
    [
      NOBODY,
      new Map([
        [2, 1],
        [3, 1],
      ]),
    ],
  ]);
  const { owner, share, count } = largestOwners(parents, ends);
  expect([...owner]).toEqual([ROOT_OWNER, ROOT_OWNER, ROOT_OWNER, NOBODY]);
  expect([...share].map((one) => Math.round(one * 100) / 100)).toEqual([0.6, 0.6, 0.75, 1]);
  expect([...count]).toEqual([2, 2, 2, 1]);
  const some = pick({ owner, share, count }, Int32Array.of(0, 3));
  expect([[...some.owner], [...some.count]]).toEqual([
    [ROOT_OWNER, NOBODY],
    [2, 1],
  ]);
});

it('of equals the first that came, and nobody where no path ends', () => {
  const parents = Int32Array.of(NONE, 0, 0);
  const half = new Map([[1, 2]]);
  expect([
    ...largestOwners(
      parents,
      new Map([
        [NOBODY, half],
        [ROOT_OWNER, half],
      ]),
    ).owner,
  ]).toEqual([NOBODY, NOBODY, NONE]);
});

it('agrees with sums made node by node, whatever the tree', () => {
  checkSeeds(20, (random) => {
    const below = (limit: number): number => random.integer(0, limit - 1);
    const parents = Int32Array.from({ length: 100 }, (_, node) => (node === 0 ? NONE : below(node)));
    const ends = new Map<number, Map<number, number>>();
    for (let n = 0; n < 200; n++) {
      const owner = below(9);
      const ofOwner = ends.get(owner) ?? new Map<number, number>();
      ends.set(owner, ofOwner.set(below(100), 1 + below(50)));
    }
    const found = largestOwners(parents, ends);
    for (let node = 0; node < parents.length; node++) {
      const sums = [...ends.values()].map((values) =>
        [...values]
          .filter(([end]) => {
            for (let at = end; at !== NONE; at = parents[at]!) if (at === node) return true;
            return false;
          })
          .reduce((sum, [, value]) => sum + value, 0),
      );
      const all = sums.reduce((sum, value) => sum + value, 0);
      expect(found.count[node]).toBe(sums.filter((sum) => sum > 0).length);
      expect(found.share[node]).toBeCloseTo(all === 0 ? 0 : Math.max(...sums) / all, 5);
    }
  });
});
