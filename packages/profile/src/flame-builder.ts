/**
 * Owns turning rows into a flame graph, again and again, at the cost of what changed.
 *
 * A trie of all paths seen is kept between builds; a node is (parent, label, role) and its number never changes.
 * What a row's path is depends on a few of its columns only, so the leaf of each such combination is remembered too:
 * a build over rows seen before is one hash look-up a row and one pass over the nodes.
 *
 *     trie      0 root ── 1 app ── 2 main ── 3 read          parents have smaller numbers than children
 *     leaf of   (off-cpu, app, blocked, user stack 7, …) = 3
 *
 * Invariant: the tree handed out depends on rows and query alone, not on earlier builds: it holds the nodes with time
 * in them, depth first, children in the order of flame-tree.ts. The one exception: where frames of one name from
 * several modules share a node, `module` and `unnamed` are those of the first one seen, so that they do not flicker.
 * `labels` only grows.
 * Rows that estimate no time are not drawn.
 */
import type { FlameTree } from './flame-tree.js';
import { NONE } from './kinds.js';
import { projectRow, toRowMatcher } from './project.js';
import { type Query, ROLES, type Role, VIEWS } from './query.js';
import { rowCount } from './rows.js';
import type { ProfileTables } from './tables.js';
import { TupleIndex } from './tuple-index.js';
import type { Rows } from './window.js';

export class FlameBuilder {
  readonly #tables: ProfileTables;
  readonly #labels: string[] = [''];
  readonly #labelIds = new Map<string, number>([['', 0]]);

  /** (parent, label, role) → node - 1; the root is node 0 and has no entry. */
  readonly #nodes = new TupleIndex(3);
  #parent: number[] = [];
  #unnamed: number[] = [];
  #module: number[] = [];
  #firstChild: number[] = [];
  #nextSibling: number[] = [];
  /** 1 for a node that got a child since its children were last put in order. */
  #isUnordered: number[] = [];
  #unordered: number[] = [];

  /** (view, comm, kind, user stack, kernel stack, chain) → path; the path's leaf node is `#leaf[path]`. */
  readonly #paths = new TupleIndex(6);
  #leaf: number[] = [];
  /** Number of the build that last used a path, to tell how many are still of use. */
  #usedIn: number[] = [];
  #build = 0;

  constructor(tables: ProfileTables) {
    this.#tables = tables;
    this.#clear();
  }

  build(rows: Rows, query: Query): FlameTree {
    this.#build++;
    const matches = toRowMatcher(this.#tables, query);
    const view = VIEWS.indexOf(query.view);
    const leaves: number[] = [];
    const matched: number[] = [];
    let livePaths = 0;
    const count = rowCount(rows);
    for (let i = 0; i < count; i++) {
      if (rows.estimatedNs[i]! <= 0 || !matches(rows, i)) continue;
      const path = this.#pathOf(rows, i, query, view);
      if (this.#usedIn[path] !== this.#build) {
        this.#usedIn[path] = this.#build;
        livePaths++;
      }
      matched.push(i);
      leaves.push(this.#leaf[path]!);
    }
    this.#orderChildren();

    const trieSize = this.#parent.length;
    const selfValue = new Float64Array(trieSize);
    const counts = new Float64Array(trieSize);
    for (let n = 0; n < matched.length; n++) {
      const leaf = leaves[n]!;
      selfValue[leaf]! += rows.estimatedNs[matched[n]!]!;
      counts[leaf]! += rows.estimatedCount[matched[n]!]!;
    }
    const totalValue = selfValue.slice();
    let liveNodes = 1;
    for (let node = trieSize - 1; node > 0; node--) {
      if (totalValue[node] === 0) continue;
      liveNodes++;
      const parent = this.#parent[node]!;
      totalValue[parent]! += totalValue[node]!;
      counts[parent]! += counts[node]!;
    }
    const tree = this.#toTree(liveNodes, selfValue, totalValue, counts);
    const isMostlyDead = liveNodes * KEEP_FACTOR < trieSize || livePaths * KEEP_FACTOR < this.#paths.size;
    if (trieSize + this.#paths.size > PRUNE_ABOVE && isMostlyDead) this.#clear();
    return tree;
  }

  #pathOf(rows: Rows, i: number, query: Query, view: number): number {
    const probe = this.#paths.probe;
    probe[0] = view;
    probe[1] = rows.comm[i]!;
    probe[2] = rows.kind[i]!;
    probe[3] = rows.userStack[i]!;
    probe[4] = rows.kernelStack[i]!;
    probe[5] = rows.chain[i]!;
    const known = this.#paths.size;
    const path = this.#paths.add();
    if (path === known) {
      let node = 0;
      projectRow(this.#tables, rows, i, query, (label, role, unnamed, module) => {
        node = this.#childOf(node, label, role, unnamed, module);
      });
      this.#leaf.push(node);
      this.#usedIn.push(0);
    }
    return path;
  }

  #childOf(parent: number, label: string, role: Role, unnamed: number, module: string): number {
    const probe = this.#nodes.probe;
    probe[0] = parent;
    probe[1] = this.#labelId(label);
    probe[2] = ROLE_CODES.get(role)!;
    const node = this.#nodes.add() + 1;
    if (node === this.#parent.length) {
      this.#parent.push(parent);
      this.#unnamed.push(unnamed);
      this.#module.push(this.#labelId(module));
      this.#firstChild.push(NONE);
      this.#nextSibling.push(this.#firstChild[parent]!);
      this.#isUnordered.push(0);
      this.#firstChild[parent] = node;
      if (this.#nextSibling[node] !== NONE && this.#isUnordered[parent] === 0) {
        this.#isUnordered[parent] = 1;
        this.#unordered.push(parent);
      }
    }
    return node;
  }

  #labelId(label: string): number {
    const known = this.#labelIds.get(label);
    if (known !== undefined) return known;
    const id = this.#labels.push(label) - 1;
    this.#labelIds.set(label, id);
    return id;
  }

  #labelAt(node: number): number {
    return node === 0 ? 0 : this.#nodes.valueAt(node - 1, 1);
  }

  #roleAt(node: number): number {
    return node === 0 ? ROOT : this.#nodes.valueAt(node - 1, 2);
  }

  #orderChildren(): void {
    for (const parent of this.#unordered) {
      const children: number[] = [];
      for (let child = this.#firstChild[parent]!; child !== NONE; child = this.#nextSibling[child]!) {
        children.push(child);
      }
      children.sort((a, b) => {
        const labelA = this.#labels[this.#labelAt(a)]!;
        const labelB = this.#labels[this.#labelAt(b)]!;
        if (labelA !== labelB) return labelA < labelB ? -1 : 1;
        return this.#roleAt(a) - this.#roleAt(b);
      });
      this.#firstChild[parent] = children[0]!;
      for (let n = 0; n < children.length; n++) this.#nextSibling[children[n]!] = children[n + 1] ?? NONE;
      this.#isUnordered[parent] = 0;
    }
    this.#unordered = [];
  }

  #toTree(
    nodeCount: number,
    trieSelfNs: Float64Array,
    trieTotalNs: Float64Array,
    trieCounts: Float64Array,
  ): FlameTree {
    const tree: FlameTree = {
      labels: this.#labels,
      nodeCount,
      parent: new Int32Array(nodeCount).fill(NONE),
      label: new Int32Array(nodeCount),
      role: new Uint8Array(nodeCount),
      unnamed: new Uint8Array(nodeCount),
      module: new Int32Array(nodeCount),
      firstChild: new Int32Array(nodeCount).fill(NONE),
      nextSibling: new Int32Array(nodeCount).fill(NONE),
      selfValue: new Float64Array(nodeCount),
      totalValue: new Float64Array(nodeCount),
      totalCount: new Float64Array(nodeCount),
    };
    const firstLive = (from: number): number => {
      let node = from;
      while (node !== NONE && trieTotalNs[node] === 0) node = this.#nextSibling[node]!;
      return node;
    };
    /** Last child given out so far, by node of the tree. */
    const lastChild = new Int32Array(nodeCount).fill(NONE);
    let node = 0;
    let parentOut = NONE;
    for (let out = 0; ; out++) {
      tree.label[out] = this.#labelAt(node);
      tree.role[out] = this.#roleAt(node);
      tree.unnamed[out] = this.#unnamed[node]!;
      tree.module[out] = this.#module[node]!;
      tree.selfValue[out] = trieSelfNs[node]!;
      tree.totalValue[out] = trieTotalNs[node]!;
      tree.totalCount[out] = trieCounts[node]!;
      tree.parent[out] = parentOut;
      if (parentOut !== NONE) {
        const previous = lastChild[parentOut]!;
        if (previous === NONE) tree.firstChild[parentOut] = out;
        else tree.nextSibling[previous] = out;
        lastChild[parentOut] = out;
      }
      // Depth first: down if there is a child, else to the next sibling of the nearest node that has one.
      let next = firstLive(this.#firstChild[node]!);
      if (next !== NONE) {
        parentOut = out;
      } else {
        while (node !== 0) {
          next = firstLive(this.#nextSibling[node]!);
          if (next !== NONE) break;
          node = this.#parent[node]!;
          parentOut = tree.parent[parentOut]!;
        }
        if (next === NONE) return tree;
      }
      node = next;
    }
  }

  #clear(): void {
    this.#nodes.clear();
    this.#parent = [NONE];
    this.#unnamed = [0];
    this.#module = [0];
    this.#firstChild = [NONE];
    this.#nextSibling = [NONE];
    this.#isUnordered = [0];
    this.#unordered = [];
    this.#paths.clear();
    this.#leaf = [];
    this.#usedIn = [];
  }
}

const ROLE_CODES = new Map<Role, number>(ROLES.map((role, code) => [role, code]));
const ROOT = ROLES.indexOf('root');

/** Nodes and paths together; below this, dead ones cost less than projecting all rows again (some 2 MB). */
const PRUNE_ABOVE = 20_000;

/** The trie is dropped when fewer than one in this many of its nodes or paths were in the last tree. */
const KEEP_FACTOR = 4;
