/**
 * Owns the paths of one view and shape over many builds: which rows or samples have which leaf in the trie, at the cost
 * of one hash look-up each once they are known. What decides a path is a tuple of ids that the builders choose.
 *
 *     (app, blocked, user stack 7, …) → path 12 → leaf node 340, or NONE where the shape leaves the path out
 */
import type { FlameShape } from './flame-shape.js';
import type { FlameTree } from './flame-tree.js';
import { NONE } from './kinds.js';
import type { LabelTable } from './label-table.js';
import { PathShaper } from './path-shaper.js';
import { PathSteps } from './path-steps.js';
import { PathTrie } from './path-trie.js';
import { TupleIndex } from './tuple-index.js';

export class ShapedPaths {
  readonly #trie: PathTrie;
  readonly #shaper: PathShaper;
  readonly #steps = new PathSteps();
  readonly #paths: TupleIndex;
  #leaf: number[] = [];
  /** Number of the build that last used a path, to tell how many are still of use. */
  #usedIn: number[] = [];
  #build = 0;
  #livePaths = 0;
  #isMostlyDead = false;
  /** Node of the trie by node of the tree last built. */
  #nodes: Int32Array = new Int32Array(1);

  constructor(shape: FlameShape, labels: LabelTable, tupleWidth: number) {
    this.#trie = new PathTrie(labels);
    this.#shaper = new PathShaper(shape, labels);
    this.#paths = new TupleIndex(tupleWidth);
  }

  /** Written by the caller before `leaf`. */
  get probe(): Float64Array {
    return this.#paths.probe;
  }

  /** Nodes of the trie: how long a column of values by node has to be. */
  get nodeCount(): number {
    return this.#trie.size;
  }

  beginBuild(): void {
    // Not at the end of the last build: until now its nodes could be asked for.
    if (this.#isMostlyDead) this.#clear();
    this.#build++;
    this.#livePaths = 0;
  }

  /** Leaf node of the path of `probe`, or NONE; `write` writes its steps if it is new. */
  leaf(write: (steps: PathSteps) => void): number {
    const known = this.#paths.size;
    const path = this.#paths.add();
    if (path === known) {
      this.#steps.length = 0;
      write(this.#steps);
      this.#leaf.push(this.#shaper.apply(this.#steps) ? this.#trie.add(this.#steps) : NONE);
      this.#usedIn.push(0);
    }
    if (this.#usedIn[path] !== this.#build) {
      this.#usedIn[path] = this.#build;
      this.#livePaths++;
    }
    return this.#leaf[path]!;
  }

  /** `selfValue` and `selfCount` by node of the trie; they are taken over. */
  toTree(selfValue: Float64Array, selfCount: Float64Array): FlameTree {
    const totalValue = selfValue.slice();
    this.#trie.addUp(totalValue);
    this.#trie.addUp(selfCount);
    const { tree, nodes } = this.#trie.toTree(selfValue, totalValue, selfCount);
    this.#nodes = nodes;
    const kept = this.#trie.size + this.#paths.size;
    const isMostlyDead =
      tree.nodeCount * KEEP_FACTOR < this.#trie.size || this.#livePaths * KEEP_FACTOR < this.#paths.size;
    this.#isMostlyDead = kept > PRUNE_ABOVE && isMostlyDead;
    return tree;
  }

  /** Totals of other values of the same paths, by node of the tree last built. */
  totalsByNode(selfValue: Float64Array): Float64Array {
    this.#trie.addUp(selfValue);
    const totals = new Float64Array(this.#nodes.length);
    for (let node = 0; node < totals.length; node++) totals[node] = selfValue[this.#nodes[node]!]!;
    return totals;
  }

  /** By node of the trie, 1 for those under `node` of the tree last built. */
  subtreeOf(node: number): Uint8Array {
    if (!(node >= 0 && node < this.#nodes.length)) {
      throw new RangeError(
        `find the rows through a node: ${node} is not in the tree of ${this.#nodes.length} nodes that was last built with this shape`,
      );
    }
    return this.#trie.subtreeOf(this.#nodes[node]!);
  }

  #clear(): void {
    this.#trie.clear();
    this.#paths.clear();
    this.#leaf = [];
    this.#usedIn = [];
  }
}

/** Nodes and paths together; below this, dead ones cost less than projecting all rows again (some 2 MB). */
const PRUNE_ABOVE = 20_000;

/** The trie is dropped when fewer than one in this many of its nodes or paths were in the last tree. */
const KEEP_FACTOR = 4;
