/**
 * Owns which rows of a call tree are in sight: what the reader has opened, in which order, through updates that renumber
 * every node.
 *
 *     ▾ app            1.2 s        opened paths: app, app;main
 *       ▾ main         1.2 s
 *         ▸ read       0.9 s        children by time when they are first seen; then they keep their places, and new ones
 *           idle       0.3 s        come last: a live tree must not move under the eye
 *
 * A path has a number (`key`) that no update changes.
 */
import { type FlamePath, type FlameTree, NONE, ROLES, type Role } from '@stallscope/profile';

export interface CallTreeRow {
  node: number;
  key: number;
  /** 0 for the children of the root, which has no row. */
  depth: number;
  isOpen: boolean;
  hasChildren: boolean;
  /** Among its siblings, from 1. */
  position: number;
  siblings: number;
}

/** Rows that one key opens at most: more are never looked at, and a graph may have a million. */
export const MAX_OPENED_AT_ONCE = 1000;

/** Rows in sight, opened one by one or not. */
export const MAX_ROWS = 50_000;

const ROOT_KEY = 0;

export class OpenPaths {
  readonly #keys = new Map<string, number>();
  readonly #open = new Set<number>([ROOT_KEY]);
  /** Of each opened path: where a child stands among its siblings. */
  readonly #places = new Map<number, Map<number, number>>();

  /** The number of the path that goes on from `parent` by this step. */
  keyOf(parent: number, label: string, role: Role): number {
    const text = `${parent} ${role} ${label}`;
    const known = this.#keys.get(text);
    if (known !== undefined) return known;
    const key = this.#keys.size + 1;
    this.#keys.set(text, key);
    return key;
  }

  keyOfPath(path: FlamePath): number {
    return path.reduce((key, { label, role }) => this.keyOf(key, label, role), ROOT_KEY);
  }

  /** Opens all that the path goes through, so that its last step is in sight. */
  openTo(path: FlamePath): void {
    let key = ROOT_KEY;
    for (const { label, role } of path) {
      this.#open.add(key);
      key = this.keyOf(key, label, role);
    }
  }

  /** Opens a row, and what is below it for as long as there is nothing to choose between. */
  open(tree: FlameTree, row: Pick<CallTreeRow, 'node' | 'key'>): void {
    let { node, key } = row;
    for (let opened = 0; opened < MAX_OPENED_AT_ONCE; opened++) {
      this.#open.add(key);
      const only = tree.firstChild[node]!;
      if (only === NONE || tree.nextSibling[only] !== NONE) return;
      key = this.#keyOfNode(tree, only, key);
      node = only;
    }
  }

  /** Opens everything below a row, the longest first, up to a bound. */
  openAll(tree: FlameTree, row: Pick<CallTreeRow, 'node' | 'key'>): void {
    const todo = [{ node: row.node, key: row.key }];
    for (let at = 0; at < todo.length && at < MAX_OPENED_AT_ONCE; at++) {
      const { node, key } = todo[at]!;
      if (tree.firstChild[node] === NONE) continue;
      this.#open.add(key);
      todo.push(...this.#children(tree, node, key));
    }
  }

  /** What was open below it is so again when it is opened; its children are put in order by time again. */
  close(key: number): void {
    this.#open.delete(key);
    this.#places.delete(key);
  }

  rows(tree: FlameTree): CallTreeRow[] {
    const rows: CallTreeRow[] = [];
    const todo: CallTreeRow[] = [];
    const push = (node: number, key: number, depth: number): void => {
      const children = this.#children(tree, node, key);
      for (let at = children.length - 1; at >= 0; at--) {
        const child = children[at]!;
        const hasChildren = tree.firstChild[child.node] !== NONE;
        todo.push({
          ...child,
          depth,
          hasChildren,
          isOpen: hasChildren && this.#open.has(child.key),
          position: at + 1,
          siblings: children.length,
        });
      }
    };
    push(0, ROOT_KEY, 0);
    while (todo.length > 0 && rows.length < MAX_ROWS) {
      const row = todo.pop()!;
      rows.push(row);
      if (row.isOpen) push(row.node, row.key, row.depth + 1);
    }
    return rows;
  }

  #children(tree: FlameTree, parent: number, parentKey: number): { node: number; key: number }[] {
    const children: { node: number; key: number }[] = [];
    for (let node = tree.firstChild[parent]!; node !== NONE; node = tree.nextSibling[node]!) {
      children.push({ node, key: this.#keyOfNode(tree, node, parentKey) });
    }
    let places = this.#places.get(parentKey);
    if (places === undefined) {
      places = new Map();
      this.#places.set(parentKey, places);
    }
    const placeOf = (key: number): number => places.get(key) ?? Number.POSITIVE_INFINITY;
    children.sort((a, b) => {
      const byPlace = placeOf(a.key) - placeOf(b.key);
      // Two that are new are both infinitely far back: the difference is no number.
      return byPlace || tree.totalValue[b.node]! - tree.totalValue[a.node]! || a.node - b.node;
    });
    for (const { key } of children) if (!places.has(key)) places.set(key, places.size);
    return children;
  }

  #keyOfNode(tree: FlameTree, node: number, parentKey: number): number {
    return this.keyOf(parentKey, tree.labels[tree.label[node]!]!, ROLES[tree.role[node]!]!);
  }
}
