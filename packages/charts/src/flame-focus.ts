/**
 * Owns where the keyboard's focus goes in a flame graph: one step on a key, and to the same frame after a live update.
 *
 * Invariant: a step ends on a frame that is drawn, or does not move. Drawn is what is wide enough at the present zoom and
 * magnification, be it in view or beside it.
 */
import { depthOf, type FlameTree, findNode, NONE, pathOf } from '@stallscope/profile';
import type { FlameSpan } from './flame-span.js';

export type FocusStep =
  | 'parent'
  | 'child'
  | 'previous'
  | 'next'
  | 'first'
  | 'last'
  | 'page-in'
  | 'page-out'
  | 'fork-in'
  | 'fork-out';

/** What is drawn: the zoomed frame, its ancestors, and what below it is wide enough. */
export interface FocusSpace {
  tree: FlameTree;
  /** What widths are proportional to. */
  values: Float64Array;
  zoomNode: number;
  /** Below it a frame is too narrow to be drawn. */
  leastValue: number;
}

/** Levels that a page key goes at once. */
const PAGE_LEVELS = 10;
/** A frame whose widest child keeps less than this of it is where paths part. */
const FORK_SHARE = 0.9;

/** The frame a step away. `child` is the widest one: where most of the time went. */
export function stepFocus(space: FocusSpace, node: number, step: FocusStep): number {
  const { tree } = space;
  switch (step) {
    case 'parent':
      return parentOf(tree, node);
    case 'child':
      return childOf(space, node);
    case 'page-out':
    case 'page-in': {
      let at = node;
      for (let level = 0; level < PAGE_LEVELS; level++) {
        at = step === 'page-in' ? childOf(space, at) : parentOf(tree, at);
      }
      return at;
    }
    case 'fork-in':
      return forkBelow(space, node);
    case 'fork-out':
      return forkAbove(space, node);
    default:
      return siblingOf(space, node, step);
  }
}

/** The node itself where it is drawn, else its nearest ancestor that is. */
export function nearestDrawn(space: FocusSpace, node: number): number {
  const { tree, values, zoomNode, leastValue } = space;
  if (isAtOrAbove(tree, node, zoomNode)) return node;
  let drawn = zoomNode;
  let isDrawn = false;
  for (let at = node; ; at = tree.parent[at]!) {
    if (at === zoomNode) return drawn;
    if (at === 0) return zoomNode;
    if (!isDrawn && values[at]! >= leastValue) {
      drawn = at;
      isDrawn = true;
    }
  }
}

/** Which part of the zoomed frame's row a node takes: all of it for its ancestors. */
export function partOf(space: FocusSpace, node: number): FlameSpan {
  const { tree, values, zoomNode } = space;
  if (isAtOrAbove(tree, node, zoomNode) || values[zoomNode] === 0) return { from: 0, to: 1 };
  let before = 0;
  for (let at = node; at !== zoomNode && at !== 0; at = tree.parent[at]!) {
    for (let left = tree.firstChild[tree.parent[at]!]!; left !== at; left = tree.nextSibling[left]!) {
      before += values[left]!;
    }
  }
  const whole = values[zoomNode]!;
  return { from: before / whole, to: (before + values[node]!) / whole };
}

/** The same frame, by labels and roles from the root, in another tree; where it is gone, its deepest ancestor left. */
export function followNode(from: FlameTree, node: number, to: FlameTree): number {
  const path = pathOf(from, node);
  for (let kept = path.length; kept > 0; kept--) {
    const found = findNode(to, path.slice(0, kept));
    if (found !== undefined) return found;
  }
  return 0;
}

/** What a screen reader says of the place: level from 1, place among its siblings from 1, siblings with it. */
export function placeOf(
  tree: FlameTree,
  node: number,
): { level: number; position: number; siblings: number; hasChildren: boolean } {
  const hasChildren = tree.firstChild[node] !== NONE;
  if (node === 0) return { level: 1, position: 1, siblings: 1, hasChildren };
  let siblings = 0;
  let position = 0;
  for (let at = tree.firstChild[tree.parent[node]!]!; at !== NONE; at = tree.nextSibling[at]!) {
    siblings++;
    if (at === node) position = siblings;
  }
  return { level: depthOf(tree, node) + 1, position, siblings, hasChildren };
}

function parentOf(tree: FlameTree, node: number): number {
  return node === 0 ? node : tree.parent[node]!;
}

/** The widest child that is drawn, or the node itself. */
function childOf({ tree, values, zoomNode, leastValue }: FocusSpace, node: number): number {
  // Of the ancestors of the zoomed frame only the path to it is drawn.
  if (node !== zoomNode && isAtOrAbove(tree, node, zoomNode)) {
    let at = zoomNode;
    while (tree.parent[at] !== node) at = tree.parent[at]!;
    return at;
  }
  let widest = node;
  let most = 0;
  for (let child = tree.firstChild[node]!; child !== NONE; child = tree.nextSibling[child]!) {
    if (values[child]! >= leastValue && values[child]! > most) {
      widest = child;
      most = values[child]!;
    }
  }
  return widest;
}

function siblingOf(space: FocusSpace, node: number, step: 'previous' | 'next' | 'first' | 'last'): number {
  const { tree, values, zoomNode, leastValue } = space;
  if (isAtOrAbove(tree, node, zoomNode)) return node;
  let before = node;
  let hasPassed = false;
  let last = node;
  for (let at = tree.firstChild[tree.parent[node]!]!; at !== NONE; at = tree.nextSibling[at]!) {
    if (at === node) {
      if (step === 'first' || step === 'previous') return before;
      hasPassed = true;
    } else if (values[at]! >= leastValue) {
      if (step === 'first') return at;
      if (step === 'next' && hasPassed) return at;
      if (hasPassed) last = at;
      else before = at;
    }
  }
  return step === 'last' ? last : node;
}

function forkBelow(space: FocusSpace, node: number): number {
  let at = node;
  for (;;) {
    const next = childOf(space, at);
    if (next === at) return at;
    const isFork = space.values[next]! < FORK_SHARE * space.values[at]!;
    // The fork that the focus stands on is left.
    if (isFork && at !== node) return at;
    at = next;
  }
}

function forkAbove(space: FocusSpace, node: number): number {
  const { tree, values } = space;
  let at = node;
  while (at !== 0) {
    const parent = tree.parent[at]!;
    if (values[at]! < FORK_SHARE * values[parent]!) return parent;
    at = parent;
  }
  return 0;
}

/** Whether a node is the other one or an ancestor of it. */
function isAtOrAbove(tree: FlameTree, node: number, other: number): boolean {
  // Parents have smaller numbers than their children.
  let at = other;
  while (at > node) at = tree.parent[at]!;
  return at === node;
}
