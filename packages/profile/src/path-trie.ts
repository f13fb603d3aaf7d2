/**
 * Owns all paths seen of one view and shape, as a trie that is kept between builds, and turning it into a tree.
 *
 *     0 root ── 1 app ── 2 main ── 3 read          parents have smaller numbers than children
 *
 * A node is (parent, label, role) and its number never changes until `clear`. Values are no part of it: they come as
 * columns by node, and only nodes with a value in their subtree are in a tree.
 * Where frames of one name from several modules share a node, `module`, `unnamed` and `frameKind` are those of the first one seen,
 * so that they do not flicker.
 */
import { type FlameTree, unfilledFlameTree } from './flame-tree.js';
import { NONE } from './kinds.js';
import type { LabelTable } from './label-table.js';
import { type PathSteps, ROLE_CODES } from './path-steps.js';
import { TupleIndex } from './tuple-index.js';

export class PathTrie {
  readonly #labels: LabelTable;
  /** (parent, label, role) → node - 1; the root is node 0 and has no entry. */
  readonly #nodes = new TupleIndex(3);
  #parent = new Int32Array(FIRST_CAPACITY);
  #label = new Int32Array(FIRST_CAPACITY);
  #role = new Uint8Array(FIRST_CAPACITY);
  #unnamed = new Uint8Array(FIRST_CAPACITY);
  #kind = new Uint8Array(FIRST_CAPACITY);
  #module = new Int32Array(FIRST_CAPACITY);
  #firstChild = new Int32Array(FIRST_CAPACITY);
  #nextSibling = new Int32Array(FIRST_CAPACITY);
  #size = 0;
  /** 1 for a node that got a child since its children were last put in order. */
  #isUnordered = new Uint8Array(FIRST_CAPACITY);
  #unordered: number[] = [];

  constructor(labels: LabelTable) {
    this.#labels = labels;
    this.clear();
  }

  /** Nodes, the root among them. */
  get size(): number {
    return this.#size;
  }

  /** Leaf node of a path, root first. */
  add(path: PathSteps): number {
    return this.addUnder(0, path);
  }

  /** The same of a path that goes on from `parent`. */
  addUnder(parent: number, path: PathSteps): number {
    let node = parent;
    for (let step = 0; step < path.length; step++) {
      node = this.child(
        node,
        path.label[step]!,
        path.role[step]!,
        path.unnamed[step]!,
        path.module[step]!,
        path.kind[step]!,
      );
    }
    return node;
  }

  /** The child of `parent` that is this step. */
  child(parent: number, label: number, role: number, unnamed: number, module: number, kind: number): number {
    const probe = this.#nodes.probe;
    probe[0] = parent;
    probe[1] = label;
    probe[2] = role;
    const node = this.#nodes.add() + 1;
    if (node < this.#size) return node;
    if (node === this.#parent.length) this.#grow();
    this.#size++;
    this.#parent[node] = parent;
    this.#label[node] = label;
    this.#role[node] = role;
    this.#unnamed[node] = unnamed;
    this.#kind[node] = kind;
    this.#module[node] = module;
    this.#firstChild[node] = NONE;
    this.#nextSibling[node] = this.#firstChild[parent]!;
    this.#isUnordered[node] = 0;
    this.#firstChild[parent] = node;
    if (this.#nextSibling[node] !== NONE && this.#isUnordered[parent] === 0) {
      this.#isUnordered[parent] = 1;
      this.#unordered.push(parent);
    }
    return node;
  }

  clear(): void {
    this.#nodes.clear();
    this.#size = 1;
    this.#parent[0] = NONE;
    this.#label[0] = 0;
    this.#role[0] = ROOT;
    this.#unnamed[0] = 0;
    this.#kind[0] = 0;
    this.#module[0] = 0;
    this.#firstChild[0] = NONE;
    this.#nextSibling[0] = NONE;
    this.#isUnordered[0] = 0;
    this.#unordered = [];
  }

  /** Adds to each node, in place, what its subtree has: from values of paths' ends to totals. */
  addUp(values: Float64Array): void {
    for (let node = this.#size - 1; node > 0; node--) {
      const value = values[node]!;
      if (value !== 0) values[this.#parent[node]!]! += value;
    }
  }

  /** By node; good until the next path is added. */
  get parents(): Int32Array {
    return this.#parent.subarray(0, this.#size);
  }

  /** 1 for `node` and all below it. */
  subtreeOf(node: number): Uint8Array {
    const isIn = new Uint8Array(this.#size);
    isIn[node] = 1;
    for (let at = node + 1; at < this.#size; at++) isIn[at] = isIn[this.#parent[at]!]!;
    return isIn;
  }

  /**
   * The nodes with a value, depth first; `selfValue` and `totalValue` by node, `totalCount` too.
   * `nodes` gives the trie's node of each of the tree's.
   */
  toTree(
    selfValue: Float64Array,
    totalValue: Float64Array,
    totalCount: Float64Array,
  ): { tree: FlameTree; nodes: Int32Array } {
    this.#orderChildren();
    let nodeCount = 1;
    for (let node = 1; node < this.#size; node++) if (totalValue[node] !== 0) nodeCount++;
    const tree = unfilledFlameTree(this.#labels.labels, nodeCount);
    const nodes = new Int32Array(nodeCount);
    /** Last child given out so far, by node of the tree. */
    const lastChild = new Int32Array(nodeCount).fill(NONE);
    const firstChild = this.#firstChild;
    const nextSibling = this.#nextSibling;
    let node = 0;
    let parentOut = NONE;
    for (let out = 0; ; out++) {
      nodes[out] = node;
      tree.label[out] = this.#label[node]!;
      tree.role[out] = this.#role[node]!;
      tree.unnamed[out] = this.#unnamed[node]!;
      tree.frameKind[out] = this.#kind[node]!;
      tree.module[out] = this.#module[node]!;
      tree.selfValue[out] = selfValue[node]!;
      tree.totalValue[out] = totalValue[node]!;
      tree.totalCount[out] = totalCount[node]!;
      tree.parent[out] = parentOut;
      if (parentOut !== NONE) {
        const previous = lastChild[parentOut]!;
        if (previous === NONE) tree.firstChild[parentOut] = out;
        else tree.nextSibling[previous] = out;
        lastChild[parentOut] = out;
      }
      // Depth first: down if there is a child, else to the next sibling of the nearest node that has one.
      let next = firstChild[node]!;
      while (next !== NONE && totalValue[next] === 0) next = nextSibling[next]!;
      if (next !== NONE) {
        parentOut = out;
      } else {
        while (node !== 0) {
          next = nextSibling[node]!;
          while (next !== NONE && totalValue[next] === 0) next = nextSibling[next]!;
          if (next !== NONE) break;
          node = this.#parent[node]!;
          parentOut = tree.parent[parentOut]!;
        }
        if (next === NONE) return { tree, nodes };
      }
      node = next;
    }
  }

  #orderChildren(): void {
    const { labels } = this.#labels;
    for (const parent of this.#unordered) {
      const children: number[] = [];
      for (let child = this.#firstChild[parent]!; child !== NONE; child = this.#nextSibling[child]!) {
        children.push(child);
      }
      children.sort((a, b) => {
        const labelA = labels[this.#label[a]!]!;
        const labelB = labels[this.#label[b]!]!;
        if (labelA !== labelB) return labelA < labelB ? -1 : 1;
        return this.#role[a]! - this.#role[b]!;
      });
      this.#firstChild[parent] = children[0]!;
      for (let n = 0; n < children.length; n++) this.#nextSibling[children[n]!] = children[n + 1] ?? NONE;
      this.#isUnordered[parent] = 0;
    }
    this.#unordered = [];
  }

  #grow(): void {
    const capacity = this.#parent.length * 2;
    this.#parent = grown(this.#parent, new Int32Array(capacity));
    this.#label = grown(this.#label, new Int32Array(capacity));
    this.#role = grown(this.#role, new Uint8Array(capacity));
    this.#unnamed = grown(this.#unnamed, new Uint8Array(capacity));
    this.#kind = grown(this.#kind, new Uint8Array(capacity));
    this.#module = grown(this.#module, new Int32Array(capacity));
    this.#firstChild = grown(this.#firstChild, new Int32Array(capacity));
    this.#nextSibling = grown(this.#nextSibling, new Int32Array(capacity));
    this.#isUnordered = grown(this.#isUnordered, new Uint8Array(capacity));
  }
}

function grown<T extends Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

const ROOT = ROLE_CODES.get('root')!;

/** Nodes; columns double from here. */
const FIRST_CAPACITY = 1024;
