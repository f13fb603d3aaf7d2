/**
 * Owns where the keyboard's focus goes in a flame graph: one step on a key, and to the same frame after a live update.
 *
 * Invariant: a step ends on a frame that is drawn, or does not move.
 */
import {
  boxOf,
  depthOf,
  type FlameLayout,
  type FlameTree,
  findNode,
  NONE,
  pathOf,
} from '@stallscope/profile';

export type FocusStep = 'parent' | 'child' | 'previous' | 'next' | 'first' | 'last';

/** The frame a step away. `child` is the widest one: where most of the time went. */
export function stepFocus(tree: FlameTree, layout: FlameLayout, node: number, step: FocusStep): number {
  if (step === 'parent') return node === 0 ? node : tree.parent[node]!;
  const box = boxOf(tree, layout, node);
  if (box === NONE) return node;
  if (step === 'child') return widestChild(tree, layout, node, layout.depth[box]!);
  const begin = layout.rowStart[layout.depth[box]!]!;
  const end = layout.rowStart[layout.depth[box]! + 1]!;
  const isSibling = (other: number) =>
    other >= begin && other < end && tree.parent[layout.node[other]!] === tree.parent[node];
  const direction = step === 'previous' || step === 'first' ? -1 : 1;
  let at = box;
  do {
    if (!isSibling(at + direction)) break;
    at += direction;
  } while (step === 'first' || step === 'last');
  return layout.node[at]!;
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

function widestChild(tree: FlameTree, layout: FlameLayout, node: number, depth: number): number {
  if (depth + 1 >= layout.rowCount) return node;
  let widest = node;
  let widthPx = 0;
  for (let box = layout.rowStart[depth + 1]!; box < layout.rowStart[depth + 2]!; box++) {
    const child = layout.node[box]!;
    if (tree.parent[child] === node && layout.width[box]! > widthPx) {
      widest = child;
      widthPx = layout.width[box]!;
    }
  }
  return widest;
}
