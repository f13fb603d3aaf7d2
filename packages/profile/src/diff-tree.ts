/**
 * Owns the difference of two trees: the union of their paths in one tree, with the values of both. Present values are
 * where a tree has them, so a DiffTree is drawn, searched and walked as any other; those it is compared with (its base)
 * stand beside them. A node may have no present value: what is only in the base has not vanished from sight.
 *
 *     present  a 5 ─ b 5        base  a 3 ─ c 3        difference  a 5|3 ┬ b 5|0
 *                                                                        └ c 0|3
 */
import { type FlameTree, unfilledFlameTree } from './flame-tree.js';
import { functionsOf, outermostOf } from './function-table.js';
import { NONE } from './kinds.js';

export interface DiffTree extends FlameTree {
  baseSelfValue: Float64Array;
  baseTotalValue: Float64Array;
  baseTotalCount: Float64Array;
}

export interface DiffOptions {
  /** The base is scaled to the present total: of two spans of unequal length or load, where the shares moved. */
  normalise: boolean;
  /** Else what base values are multiplied by, such as what makes both as long; default 1. */
  scale?: number;
}

export const DIFF_WIDTHS = ['after', 'before', 'larger'] as const;
/**
 * What boxes are as wide as: the present value, the base's, or room for both. `larger` is the larger of both of each
 * node's own value, summed from the leaves: the larger of both totals would not add up.
 *
 *     after        root 10 → a 10          before   root 10 → b 10          larger   root 20 → a 10, b 10
 */
export type DiffWidth = (typeof DIFF_WIDTHS)[number];

/** Depth first, children in the order of flame-tree.ts, as both trees have them. */
export function diffTrees(present: FlameTree, base: FlameTree): DiffTree {
  const { labels, ofBase } = unite(present, base);
  const capacity = present.nodeCount + base.nodeCount - 1;
  const parent = new Int32Array(capacity);
  /** Nodes of both trees that a node came from; NONE where only the other has it. */
  const fromPresent = new Int32Array(capacity);
  const fromBase = new Int32Array(capacity);
  parent[0] = NONE;
  fromPresent[0] = 0;
  fromBase[0] = 0;
  let count = 1;
  // Siblings that wait to be walked, on three stacks of one height: the pair of children still to come, and their parent.
  const presentStack = new Int32Array(capacity + 1);
  const baseStack = new Int32Array(capacity + 1);
  const parentStack = new Int32Array(capacity + 1);
  let height = 0;
  const push = (a: number, b: number, under: number): void => {
    if (a === NONE && b === NONE) return;
    presentStack[height] = a;
    baseStack[height] = b;
    parentStack[height] = under;
    height++;
  };
  push(present.firstChild[0]!, base.firstChild[0]!, 0);
  while (height > 0) {
    height--;
    let a = presentStack[height]!;
    let b = baseStack[height]!;
    const under = parentStack[height]!;
    const order = a === NONE ? 1 : b === NONE ? -1 : compare(present, a, base, b, labels, ofBase);
    const nextA = order <= 0 ? present.nextSibling[a]! : a;
    const nextB = order >= 0 ? base.nextSibling[b]! : b;
    if (order > 0) a = NONE;
    if (order < 0) b = NONE;
    const node = count++;
    parent[node] = under;
    fromPresent[node] = a;
    fromBase[node] = b;
    push(nextA, nextB, under);
    push(a === NONE ? NONE : present.firstChild[a]!, b === NONE ? NONE : base.firstChild[b]!, node);
  }
  return columnsOf(present, base, labels, ofBase, parent, fromPresent, fromBase, count);
}

/** What base values are multiplied by; 1 where one of both has no time to normalise by. */
export function baseScale(tree: DiffTree, { normalise, scale = 1 }: DiffOptions): number {
  if (!normalise) return scale;
  const after = tree.totalValue[0]!;
  const before = tree.baseTotalValue[0]!;
  return after > 0 && before > 0 ? after / before : 1;
}

/**
 * The values that boxes are as wide as, to be laid out in place of the tree's own: children fit into their parent.
 *
 * @param scale what base values are multiplied by, as `baseScale` says
 */
export function diffWidths(
  tree: Pick<DiffTree, 'nodeCount' | 'parent' | 'selfValue' | 'totalValue' | 'baseSelfValue'>,
  width: DiffWidth,
  scale: number,
): { selfValue: Float64Array; totalValue: Float64Array } {
  if (width === 'after') return { selfValue: tree.selfValue, totalValue: tree.totalValue };
  const selfValue = tree.baseSelfValue.map((value, node) =>
    width === 'before' ? value * scale : Math.max(value * scale, tree.selfValue[node]!),
  );
  const totalValue = selfValue.slice();
  for (let node = tree.nodeCount - 1; node > 0; node--) totalValue[tree.parent[node]!]! += totalValue[node]!;
  return { selfValue, totalValue };
}

/** What grew and shrank, by function; a column each, the largest growth of `totalValue` first. */
export interface GrowthTable {
  label: string[];
  /** Index into ROLES. */
  role: number[];
  module: string[];
  /** Before is scaled when the difference is normalised. */
  selfBefore: Float64Array;
  selfAfter: Float64Array;
  totalBefore: Float64Array;
  totalAfter: Float64Array;
  /** totalAfter − totalBefore, and its part of the larger root total, −1 to 1. */
  totalDelta: Float64Array;
  share: Float64Array;
}

export function toGrowthTable(tree: DiffTree, options: DiffOptions): GrowthTable {
  const { functionOf, firstNode } = functionsOf(tree);
  const functions = firstNode.length;
  const isOutermost = outermostOf(tree, functionOf, functions);
  const scale = baseScale(tree, options);
  const selfBefore = new Float64Array(functions);
  const selfAfter = new Float64Array(functions);
  const totalBefore = new Float64Array(functions);
  const totalAfter = new Float64Array(functions);
  for (let node = 1; node < tree.nodeCount; node++) {
    const entry = functionOf[node]!;
    if (entry < 0) continue;
    selfBefore[entry]! += tree.baseSelfValue[node]! * scale;
    selfAfter[entry]! += tree.selfValue[node]!;
    if (isOutermost[node] !== 1) continue;
    totalBefore[entry]! += tree.baseTotalValue[node]! * scale;
    totalAfter[entry]! += tree.totalValue[node]!;
  }
  const largest = Math.max(tree.totalValue[0]!, tree.baseTotalValue[0]! * scale);
  const delta = totalAfter.map((after, entry) => after - totalBefore[entry]!);
  const order = firstNode.map((_, entry) => entry).sort((a, b) => delta[b]! - delta[a]! || a - b);
  const inOrder = (column: Float64Array): Float64Array => Float64Array.from(order, (entry) => column[entry]!);
  const totalDelta = inOrder(delta);
  return {
    label: order.map((entry) => tree.labels[tree.label[firstNode[entry]!]!]!),
    role: order.map((entry) => tree.role[firstNode[entry]!]!),
    module: order.map((entry) => tree.labels[tree.module[firstNode[entry]!]!]!),
    selfBefore: inOrder(selfBefore),
    selfAfter: inOrder(selfAfter),
    totalBefore: inOrder(totalBefore),
    totalAfter: inOrder(totalAfter),
    totalDelta,
    share: totalDelta.map((value) => (largest > 0 ? value / largest : 0)),
  };
}

/** One list of labels for both trees, and the number there of each label of the base; null where they share theirs. */
function unite(
  present: FlameTree,
  base: FlameTree,
): { labels: readonly string[]; ofBase: Int32Array | null } {
  if (present.labels === base.labels) return { labels: present.labels, ofBase: null };
  const labels = [...present.labels];
  const ids = new Map(labels.map((label, id) => [label, id]));
  const ofBase = new Int32Array(base.labels.length);
  const isUsed = new Uint8Array(base.labels.length);
  for (let node = 0; node < base.nodeCount; node++) {
    isUsed[base.label[node]!] = 1;
    isUsed[base.module[node]!] = 1;
  }
  for (let id = 0; id < ofBase.length; id++) {
    if (isUsed[id] === 0) continue;
    const label = base.labels[id]!;
    let known = ids.get(label);
    if (known === undefined) {
      known = labels.push(label) - 1;
      ids.set(label, known);
    }
    ofBase[id] = known;
  }
  return { labels, ofBase };
}

function compare(
  present: FlameTree,
  a: number,
  base: FlameTree,
  b: number,
  labels: readonly string[],
  ofBase: Int32Array | null,
): number {
  const labelA = present.label[a]!;
  const labelB = ofBase === null ? base.label[b]! : ofBase[base.label[b]!]!;
  if (labelA === labelB) return present.role[a]! - base.role[b]!;
  return labels[labelA]! < labels[labelB]! ? -1 : 1;
}

function columnsOf(
  present: FlameTree,
  base: FlameTree,
  labels: readonly string[],
  ofBase: Int32Array | null,
  parent: Int32Array,
  fromPresent: Int32Array,
  fromBase: Int32Array,
  nodeCount: number,
): DiffTree {
  const tree: DiffTree = {
    ...unfilledFlameTree(labels, nodeCount),
    baseSelfValue: new Float64Array(nodeCount),
    baseTotalValue: new Float64Array(nodeCount),
    baseTotalCount: new Float64Array(nodeCount),
  };
  tree.parent.set(parent.subarray(0, nodeCount));
  for (let node = 0; node < nodeCount; node++) {
    const a = fromPresent[node]!;
    const b = fromBase[node]!;
    if (b !== NONE) {
      tree.label[node] = ofBase === null ? base.label[b]! : ofBase[base.label[b]!]!;
      tree.module[node] = ofBase === null ? base.module[b]! : ofBase[base.module[b]!]!;
      tree.role[node] = base.role[b]!;
      tree.unnamed[node] = base.unnamed[b]!;
      tree.frameKind[node] = base.frameKind[b]!;
      tree.baseSelfValue[node] = base.selfValue[b]!;
      tree.baseTotalValue[node] = base.totalValue[b]!;
      tree.baseTotalCount[node] = base.totalCount[b]!;
    }
    if (a !== NONE) {
      tree.label[node] = present.label[a]!;
      tree.module[node] = present.module[a]!;
      tree.role[node] = present.role[a]!;
      tree.unnamed[node] = present.unnamed[a]!;
      tree.frameKind[node] = present.frameKind[a]!;
      tree.selfValue[node] = present.selfValue[a]!;
      tree.totalValue[node] = present.totalValue[a]!;
      tree.totalCount[node] = present.totalCount[a]!;
    }
  }
  // Backwards, as the last child of a parent is met first.
  for (let node = nodeCount - 1; node > 0; node--) {
    const above = tree.parent[node]!;
    tree.nextSibling[node] = tree.firstChild[above]!;
    tree.firstChild[above] = node;
  }
  return tree;
}
