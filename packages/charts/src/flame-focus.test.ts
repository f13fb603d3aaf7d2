import { type FlameTree, layoutFlame } from '@stallscope/profile';
import { describe, expect, test } from 'vitest';
import { treeOfStacks } from './fixtures.js';
import { type FocusStep, followNode, placeOf, stepFocus } from './flame-focus.js';

const tree = treeFrom({ 'a;x': 20, 'a;y': 30, 'a;z': 0.01, b: 30, 'b;x': 10, c: 10 });
const layout = layoutFlame(tree, { widthPx: 200, zoomNode: 0 });

describe('a key', () => {
  test.each<[from: string, step: FocusStep, to: string]>([
    ['', 'child', 'a'],
    ['', 'parent', ''],
    ['', 'next', ''],
    ['a', 'child', 'a;y'],
    ['a', 'next', 'b'],
    ['b', 'previous', 'a'],
    ['a', 'previous', 'a'],
    ['a', 'last', 'c'],
    ['c', 'first', 'a'],
    ['a;y', 'parent', 'a'],
    ['a;y', 'next', 'a;y'],
    ['b;x', 'previous', 'b;x'],
    ['b;x', 'child', 'b;x'],
  ])('from %s, %s goes to %s', (from, step, to) => {
    expect(nameOf(tree, stepFocus(tree, layout, nodeOf(tree, from), step))).toBe(to);
  });
});

describe('a live update', () => {
  test('finds the same frame under its new number', () => {
    const later = treeFrom({ 'A;new': 5, 'a;w': 1, 'a;y': 30, b: 3 });
    expect(nameOf(later, followNode(tree, nodeOf(tree, 'a;y'), later))).toBe('a;y');
  });

  test('falls back to the nearest caller that is left', () => {
    const later = treeFrom({ a: 5, b: 3 });
    expect(nameOf(later, followNode(tree, nodeOf(tree, 'a;y'), later))).toBe('a');
    expect(nameOf(later, followNode(tree, nodeOf(tree, 'c'), later))).toBe('');
  });

  test('does not take a frame of another role for the same', () => {
    const waker = treeOfStacks([{ frames: [{ label: 'a', role: 'waker-user' }], ns: 1 }]);
    expect(followNode(tree, nodeOf(tree, 'a'), waker)).toBe(0);
  });
});

test('the place of a frame is its level and its turn among its siblings', () => {
  expect(placeOf(tree, 0)).toEqual({ level: 1, position: 1, siblings: 1, hasChildren: true });
  expect(placeOf(tree, nodeOf(tree, 'b'))).toEqual({ level: 2, position: 2, siblings: 3, hasChildren: true });
  expect(placeOf(tree, nodeOf(tree, 'a;y'))).toEqual({
    level: 3,
    position: 2,
    siblings: 3,
    hasChildren: false,
  });
});

function treeFrom(stacks: Record<string, number>): FlameTree {
  return treeOfStacks(
    Object.entries(stacks).map(([stack, ns]) => ({
      frames: stack.split(';').map((label) => ({ label, role: 'user' as const })),
      ns,
    })),
  );
}

function nameOf(of: FlameTree, node: number): string {
  const labels: string[] = [];
  for (let at = node; at !== 0; at = of.parent[at]!) labels.unshift(of.labels[of.label[at]!]!);
  return labels.join(';');
}

function nodeOf(of: FlameTree, name: string): number {
  for (let node = 0; node < of.nodeCount; node++) if (nameOf(of, node) === name) return node;
  throw new Error(`find a node of the test's tree: no ${name}`);
}
