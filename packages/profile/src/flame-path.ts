/**
 * Owns naming a node across trees. Node numbers change with every update; the labels and roles on the way to a node
 * do not, so zoom and selection are kept as paths and looked up in each new tree.
 */
import type { FlameTree } from './flame-tree.js';
import { NONE } from './kinds.js';
import { ROLES, type Role } from './query.js';

/** Steps from the root, which has no step of its own: the empty path is the root. */
export type FlamePath = readonly { readonly label: string; readonly role: Role }[];

export function pathOf(tree: FlameTree, node: number): FlamePath {
  const path: { label: string; role: Role }[] = [];
  for (let at = node; at > 0; at = tree.parent[at]!) {
    path.push({ label: tree.labels[tree.label[at]!]!, role: ROLES[tree.role[at]!]! });
  }
  return path.reverse();
}

/** The node of a path, or undefined when nothing in this tree took that path. */
export function findNode(tree: FlameTree, path: FlamePath): number | undefined {
  let node = 0;
  for (const { label, role } of path) {
    let child = tree.firstChild[node]!;
    while (
      child !== NONE &&
      (ROLES[tree.role[child]!] !== role || tree.labels[tree.label[child]!] !== label)
    ) {
      child = tree.nextSibling[child]!;
    }
    if (child === NONE) return undefined;
    node = child;
  }
  return node;
}
