import { type FlameTree, MIN_WIDTH_PX } from '@stallscope/profile';
import { describe, expect, test } from 'vitest';
import { treeOfStacks } from './fixtures.js';
import {
  type FocusSpace,
  type FocusStep,
  followNode,
  nearestDrawn,
  partOf,
  placeOf,
  stepFocus,
} from './flame-focus.js';

const tree = treeFrom({ 'a;x': 20, 'a;y': 30, 'a;z': 0.01, b: 30, 'b;x': 10, c: 10 });
const space = spaceOf(tree, '');

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
    expect(nameOf(tree, stepFocus(space, nodeOf(tree, from), step))).toBe(to);
  });
});

describe('under a zoom', () => {
  const zoomed = spaceOf(tree, 'a');
  test.each<[from: string, step: FocusStep, to: string]>([
    ['a', 'next', 'a'],
    ['', 'child', 'a'],
    ['a;y', 'parent', 'a'],
    ['a;x', 'next', 'a;y'],
  ])('from %s, %s goes to %s', (from, step, to) => {
    expect(nameOf(tree, stepFocus(zoomed, nodeOf(tree, from), step))).toBe(to);
  });

  test('a frame that is not drawn gives its place to the nearest one that is', () => {
    expect(nameOf(tree, nearestDrawn(zoomed, nodeOf(tree, 'a;z')))).toBe('a');
    expect(nameOf(tree, nearestDrawn(zoomed, nodeOf(tree, 'b;x')))).toBe('a');
    expect(nameOf(tree, nearestDrawn(zoomed, 0))).toBe('');
    // Stretched, it is wide enough.
    const stretched = { ...zoomed, leastValue: zoomed.leastValue / 100 };
    expect(nameOf(tree, nearestDrawn(stretched, nodeOf(tree, 'a;z')))).toBe('a;z');
  });

  test('a part is counted from the left of the zoomed frame', () => {
    expect(partOf(spaceOf(tree, ''), nodeOf(tree, 'b;x'))).toEqual({
      from: expect.closeTo(50.01 / 100.01),
      to: expect.closeTo(60.01 / 100.01),
    });
    expect(partOf(zoomed, nodeOf(tree, 'a;y'))).toEqual({
      from: expect.closeTo(20 / 50.01),
      to: expect.closeTo(50 / 50.01),
    });
    expect(partOf(zoomed, 0)).toEqual({ from: 0, to: 1 });
  });
});

describe('in a stack of a thousand frames', () => {
  const trunk = Array.from({ length: 1000 }, (_, n) => `f${n}`);
  const deep = treeFrom({ [trunk.join(';')]: 60, [[...trunk.slice(0, 700), 'side'].join(';')]: 40 });
  const all = spaceOf(deep, '');
  const levelOf = (node: number) => placeOf(deep, node).level;

  test('a page is ten levels, and a fork is one key away', () => {
    expect(levelOf(stepFocus(all, 0, 'page-in'))).toBe(11);
    const fork = stepFocus(all, 0, 'fork-in');
    expect(nameOf(deep, fork).endsWith(';f699')).toBe(true);
    expect(levelOf(stepFocus(all, fork, 'fork-in'))).toBe(1001);
    expect(stepFocus(all, stepFocus(all, fork, 'fork-in'), 'fork-out')).toBe(fork);
    expect(stepFocus(all, fork, 'fork-out')).toBe(0);
    expect(levelOf(stepFocus(all, fork, 'page-out'))).toBe(691);
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

/** 200 px wide. */
function spaceOf(of: FlameTree, zoom: string): FocusSpace {
  const zoomNode = nodeOf(of, zoom);
  const leastValue = (MIN_WIDTH_PX / 200) * of.totalValue[zoomNode]!;
  return { tree: of, values: of.totalValue, zoomNode, leastValue };
}

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
