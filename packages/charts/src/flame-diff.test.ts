import { DIFF_WIDTHS } from '@stallscope/profile';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generatedTree, treeOfStacks } from './fixtures.js';
import { DIFF_BOUNDS, diffStepOf, diffTotal, type FlameDiff, widthsOf } from './flame-diff.js';
import { DIFF_STEPS } from './palette.js';

describe('the step of a change', () => {
  test.each([
    [0, 0],
    [0.0009, 0],
    [0.001, 1],
    [-0.009, -1],
    [0.05, 3],
    [-0.2, -4],
    [1, 4],
  ])('of %d of the total is %d', (share, step) => expect(diffStepOf(share * 1000, 1000)).toBe(step));

  test('is none where there is no total', () => expect(diffStepOf(5, 0)).toBe(0));

  test('has a bound for each', () => expect(DIFF_BOUNDS).toHaveLength(DIFF_STEPS));
});

describe('widths', () => {
  const tree = treeOfStacks([
    { frames: [{ label: 'a', role: 'user' }], ns: 10 },
    { frames: [{ label: 'b', role: 'user' }], ns: 0 },
  ]);
  /** Root, a, b: all time was in b before. */
  const diff = (width: FlameDiff['width'], baseScale = 1): FlameDiff => ({
    baseSelfValue: Float64Array.of(0, 0, 20),
    baseTotalValue: Float64Array.of(20, 0, 20),
    baseScale,
    width,
  });

  test('are those of the present, of the base, or leave room for both', () => {
    expect([...widthsOf(tree, diff('after'))]).toEqual([10, 10, 0]);
    expect([...widthsOf(tree, diff('before'))]).toEqual([20, 0, 20]);
    expect([...widthsOf(tree, diff('larger'))]).toEqual([30, 10, 20]);
    expect([...widthsOf(tree, diff('larger', 0.5))]).toEqual([20, 10, 10]);
  });

  test('shares are of the larger total', () => {
    expect(diffTotal(tree, diff('after'))).toBe(20);
    expect(diffTotal(tree, diff('after', 0.5))).toBe(10);
    expect(diffTotal(tree, diff('after', 0.25))).toBe(10);
  });

  test('children fit into their parent in any tree', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(...DIFF_WIDTHS), (seed, width) => {
        const after = generatedTree(300, seed);
        const before = generatedTree(300, seed);
        const widths = widthsOf(after, {
          baseSelfValue: before.selfValue.map((value, node) => (node % 3 === 0 ? 0 : value * 2)),
          baseTotalValue: before.totalValue,
          baseScale: 0.7,
          width,
        });
        const children = new Float64Array(after.nodeCount);
        for (let node = 1; node < after.nodeCount; node++) children[after.parent[node]!]! += widths[node]!;
        for (let node = 0; node < after.nodeCount; node++) {
          expect(children[node]! <= widths[node]! * (1 + 1e-9)).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });
});
