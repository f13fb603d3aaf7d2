/**
 * Owns the paths of one view and shape over many builds: which rows or samples have which leaf in the trie, at the cost
 * of one hash look-up each once they are known. What decides a path is a tuple of ids that the builders choose.
 *
 *     (app, blocked, user stack 7, …) → path 12 → leaf node 340, or NONE where the shape leaves the path out
 *
 * Bounded: a profile of a few megabytes can have stacks of which a reversed tree would have billions of nodes. Paths that
 * come when there are `maxNodes` or when `maxSteps` were made end together in one box that says so; their values are in
 * all sums.
 */
import { type FlameShape, leavesPathsAlone } from './flame-shape.js';
import type { FlameTree } from './flame-tree.js';
import { NONE } from './kinds.js';
import type { LabelTable } from './label-table.js';
import { largestOwners, type NodeOwners, type OwnedEnds, pick } from './node-owners.js';
import { PathShaper } from './path-shaper.js';
import { PathSteps, ROLE_CODES } from './path-steps.js';
import { PathTrie } from './path-trie.js';
import { StackLeaves } from './stack-leaves.js';
import { TupleIndex } from './tuple-index.js';

/** What paths end in that are too many to draw. */
export const NOT_DRAWN = '[too many stacks to draw]';

export interface PathLimits {
  maxNodes: number;
  maxSteps: number;
}

export const PATH_LIMITS: PathLimits = {
  /** As many stacks as a profile may have that is read; some 60 bytes each, and as much again in the tree. */
  maxNodes: 2 ** 22,
  /** About 5 s of work. */
  maxSteps: 100_000_000,
};

/** Stacks of one profile: what their ids are steps of. */
export interface PathStacks {
  prefix: ArrayLike<number>;
  /** The step that a stack is longer by than its prefix. */
  write: (stack: number, steps: PathSteps) => void;
  /** The steps above a stack, given its outermost one (NONE for an empty stack). */
  writeOwner: (outermost: number, steps: PathSteps) => void;
}

export class ShapedPaths {
  readonly #labels: LabelTable;
  readonly #limits: PathLimits;
  readonly #trie: PathTrie;
  /** Only where the shape leaves paths alone, and made at the first use. */
  readonly #sharesStacks: boolean;
  #stackLeaves: StackLeaves | undefined;
  /** Since the trie was empty. */
  #stepsMade = 0;
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

  constructor(shape: FlameShape, labels: LabelTable, tupleWidth: number, limits = PATH_LIMITS) {
    this.#labels = labels;
    this.#limits = limits;
    this.#sharesStacks = leavesPathsAlone(shape);
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
    return this.#known(() => {
      this.#steps.length = 0;
      write(this.#steps);
      this.#stepsMade += this.#steps.length;
      return this.#shaper.apply(this.#steps) ? this.#trie.add(this.#steps) : NONE;
    });
  }

  /** The same where the path is `owner`'s steps and those of `stack`; `owner` is any number that tells owners apart. */
  leafOfStack(owner: number, stack: number, stacks: PathStacks): number {
    return this.#known(() => {
      if (!this.#sharesStacks) return this.#leafOfWhole(stack, stacks);
      this.#stackLeaves ??= new StackLeaves(stacks.prefix);
      return this.#stackLeaves.nodeOf(
        owner,
        stack,
        (outermost) => this.#addSteps(0, (steps) => stacks.writeOwner(outermost, steps)),
        (parent, step) => this.#addSteps(parent, (steps) => stacks.write(step, steps)),
      );
    });
  }

  #known(make: () => number): number {
    const known = this.#paths.size;
    const path = this.#paths.add();
    if (path === known) {
      const isFull = this.#trie.size >= this.#limits.maxNodes || this.#stepsMade >= this.#limits.maxSteps;
      this.#leaf.push(isFull ? this.#trie.child(0, this.#labels.idOf(NOT_DRAWN), MARKER, 0, 0, 0) : make());
      this.#usedIn.push(0);
    }
    if (this.#usedIn[path] !== this.#build) {
      this.#usedIn[path] = this.#build;
      this.#livePaths++;
    }
    return this.#leaf[path]!;
  }

  #leafOfWhole(stack: number, { prefix, write, writeOwner }: PathStacks): number {
    const stacks: number[] = [];
    for (let at = stack; at !== NONE; at = prefix[at]!) stacks.push(at);
    this.#steps.length = 0;
    writeOwner(stacks.at(-1) ?? NONE, this.#steps);
    for (let n = stacks.length - 1; n >= 0; n--) write(stacks[n]!, this.#steps);
    this.#stepsMade += this.#steps.length;
    return this.#shaper.apply(this.#steps) ? this.#trie.add(this.#steps) : NONE;
  }

  #addSteps(parent: number, write: (steps: PathSteps) => void): number {
    this.#steps.length = 0;
    write(this.#steps);
    this.#stepsMade += this.#steps.length;
    return this.#trie.addUnder(parent, this.#steps);
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

  /** Whose the time of each node of the tree last built is; `ends` has values of paths' ends by owner, then by node of the trie. */
  ownersByNode(ends: OwnedEnds): NodeOwners {
    return pick(largestOwners(this.#trie.parents, ends), this.#nodes);
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
    this.#stackLeaves?.clear();
    this.#stepsMade = 0;
    this.#paths.clear();
    this.#leaf = [];
    this.#usedIn = [];
  }
}

/** Nodes and paths together; below this, dead ones cost less than projecting all rows again (some 2 MB). */
const PRUNE_ABOVE = 20_000;

/** The trie is dropped when fewer than one in this many of its nodes or paths were in the last tree. */
const KEEP_FACTOR = 4;

const MARKER = ROLE_CODES.get('marker')!;
