import { describe, expect, it } from 'vitest';
import { checkSeeds, pathKey, pathsOfTree, type Random } from './fixtures/index.js';
import { type FlameShape, PLAIN_SHAPE } from './flame-shape.js';
import type { FlameTree } from './flame-tree.js';
import { NONE } from './kinds.js';
import { LabelTable } from './label-table.js';
import type { PathSteps } from './path-steps.js';
import { NOT_DRAWN, PATH_LIMITS, type PathLimits, type PathStacks, ShapedPaths } from './shaped-paths.js';

const USER = 2;
const COMM = 1;
const INVERTED: FlameShape = { ...PLAIN_SHAPE, direction: 'bottom-up' };

interface Stacks {
  prefix: number[];
  frame: number[];
}

/** Each of `samples` is an owner and a stack of value 1. */
function treeOf(
  shape: FlameShape,
  stacks: Stacks,
  samples: readonly [owner: number, stack: number][],
  limits: PathLimits = PATH_LIMITS,
): FlameTree {
  const labels = new LabelTable();
  const paths = new ShapedPaths(shape, labels, 2, limits);
  const step = (label: string, role: number, steps: PathSteps): void =>
    steps.push(labels.idOf(label), role, 0, 0);
  paths.beginBuild();
  const leaves = samples.map(([owner, stack]) => {
    paths.probe[0] = owner;
    paths.probe[1] = stack;
    const way: PathStacks = {
      prefix: stacks.prefix,
      write: (at, steps) => step(`f${stacks.frame[at]}`, USER, steps),
      writeOwner: (_outermost, steps) => step(`owner ${owner}`, COMM, steps),
    };
    return paths.leafOfStack(owner, stack, way);
  });
  const self = new Float64Array(paths.nodeCount);
  for (const leaf of leaves) self[leaf]! += 1;
  return paths.toTree(self, self.slice());
}

function randomStacks(random: Random): Stacks {
  const stacks: Stacks = { prefix: [], frame: [] };
  const count = random.integer(1, 60);
  for (let stack = 0; stack < count; stack++) {
    stacks.prefix.push(random.chance(0.1) ? NONE : random.integer(NONE, stack - 1));
    stacks.frame.push(random.integer(0, 4));
  }
  return stacks;
}

it('shares what stacks share, and gives the paths that each stack by itself would', () => {
  checkSeeds(150, (random) => {
    const stacks = randomStacks(random);
    const samples = Array.from({ length: random.integer(0, 50) }, (): [number, number] => [
      random.integer(0, 2),
      random.integer(NONE, stacks.prefix.length - 1),
    ]);
    for (const shape of [PLAIN_SHAPE, INVERTED]) {
      const expected = new Map<string, number>();
      for (const [owner, stack] of samples) {
        const path = [];
        for (let at = stack; at !== NONE; at = stacks.prefix[at]!) {
          path.unshift({ label: `f${stacks.frame[at]}`, role: 'user' as const });
        }
        path.unshift({ label: `owner ${owner}`, role: 'comm' as const });
        const key = pathKey(shape === INVERTED ? path.reverse() : path);
        expected.set(key, (expected.get(key) ?? 0) + 1);
      }
      const tree = treeOf(shape, stacks, samples);
      const found = pathsOfTree(tree).flatMap((path, node): [string, number][] =>
        tree.selfValue[node]! > 0 ? [[pathKey(path), tree.selfValue[node]!]] : [],
      );
      expect(new Map(found.sort())).toEqual(new Map([...expected].sort()));
    }
  });
});

describe('too many stacks', () => {
  /** One spine of `depth` frames with a leaf at each of its stacks. */
  function spine(depth: number): { stacks: Stacks; samples: [number, number][] } {
    const stacks: Stacks = { prefix: [], frame: [] };
    for (let stack = 0; stack < depth; stack++) {
      stacks.prefix.push(stack - 1);
      stacks.frame.push(stack);
    }
    return { stacks, samples: stacks.prefix.map((_, stack) => [0, stack]) };
  }

  it('end in one box that says so, with their time', () => {
    const { stacks, samples } = spine(1_000);
    const tree = treeOf(INVERTED, stacks, samples, { maxNodes: 5_000, maxSteps: 1e9 });
    expect(tree.totalValue[0]).toBe(1_000);
    expect(tree.nodeCount).toBeLessThan(5_000 + 1_000);
    const box = [...tree.label].findIndex((id) => tree.labels[id] === NOT_DRAWN);
    expect(tree.parent[box]).toBe(0);
    expect(tree.totalValue[box]).toBeGreaterThan(800);
    const bySteps = treeOf(INVERTED, stacks, samples, { maxNodes: 1e9, maxSteps: 5_000 });
    expect(bySteps.totalValue[0]).toBe(1_000);
    expect(bySteps.nodeCount).toBeLessThan(5_000 + 1_000);
  });

  it('are no more than there are where stacks are shared, however deep', () => {
    const { stacks, samples } = spine(60_000);
    // By itself each path is 30,000 steps long at the mean: 1,800,000,000.
    const tree = treeOf(PLAIN_SHAPE, stacks, samples);
    expect(tree.nodeCount).toBe(60_002);
    expect([...tree.label].some((id) => tree.labels[id] === NOT_DRAWN)).toBe(false);
  });
});
