/**
 * Owns the table of functions of a tree: one entry a (label, role), whatever paths it is on. Separators and the root are
 * no functions; threads' names and markers have entries too, as they have boxes.
 * Invariant: a function that calls itself counts once a path, so no total is more than the root's.
 *
 *     a 9 ─ b 7 ─ a 5     a: self 4, total 9     b: self 2, total 7
 */
import type { FlameTree } from './flame-tree.js';
import { ROLES } from './query.js';

/** In columns of one length; in order of first sight in the tree. */
export interface FunctionTable {
  label: string[];
  /** Index into ROLES. */
  role: number[];
  /** '' where there is none; of functions in several modules that of the first box. */
  module: string[];
  selfValue: Float64Array;
  totalValue: Float64Array;
  /** By index of ROW_KINDS: of `totalValue`, the part of that kind; empty where kinds are not known. */
  kinds: Float64Array[];
  /** Estimated number of intervals, or of samples, with the function on the path. */
  calls: Float64Array;
}

/** `kindValues`: totals by node for each kind, as `FlameBuilder.kindValues` gives them. */
export function toFunctionTable(tree: FlameTree, kindValues: readonly Float64Array[] = []): FunctionTable {
  const { functionOf, firstNode } = functionsOf(tree);
  const isOutermost = outermostOf(tree, functionOf, firstNode.length);
  const sum = (values: Float64Array, only: Uint8Array | null): Float64Array => {
    const sums = new Float64Array(firstNode.length);
    for (let node = 1; node < tree.nodeCount; node++) {
      const entry = functionOf[node]!;
      if (entry >= 0 && (only === null || only[node] === 1)) sums[entry]! += values[node]!;
    }
    return sums;
  };
  return {
    label: firstNode.map((node) => tree.labels[tree.label[node]!]!),
    role: firstNode.map((node) => tree.role[node]!),
    module: firstNode.map((node) => tree.labels[tree.module[node]!]!),
    selfValue: sum(tree.selfValue, null),
    totalValue: sum(tree.totalValue, isOutermost),
    kinds: kindValues.map((values) => sum(values, isOutermost)),
    calls: sum(tree.totalCount, isOutermost),
  };
}

/** Number of each node's function, -1 for none, and the first node of each function. */
export function functionsOf(tree: FlameTree): { functionOf: Int32Array; firstNode: number[] } {
  const functionOf = new Int32Array(tree.nodeCount).fill(-1);
  const firstNode: number[] = [];
  /** By label and role, number + 1. */
  const known = new Int32Array(tree.labels.length * ROLES.length);
  for (let node = 1; node < tree.nodeCount; node++) {
    if (tree.role[node] === SEPARATOR) continue;
    const key = tree.label[node]! * ROLES.length + tree.role[node]!;
    if (known[key] === 0) known[key] = firstNode.push(node);
    functionOf[node] = known[key]! - 1;
  }
  return { functionOf, firstNode };
}

/** 1 for each node with no node of the same function above it. */
export function outermostOf(tree: FlameTree, functionOf: Int32Array, functions: number): Uint8Array {
  const isOutermost = new Uint8Array(tree.nodeCount);
  /** How often each function is on the path to the present node. */
  const onPath = new Int32Array(functions);
  let at = 0;
  for (let node = 1; node < tree.nodeCount; node++) {
    // Depth first: what is not above this node has been left for good.
    for (const parent = tree.parent[node]!; at !== parent; at = tree.parent[at]!) {
      const left = functionOf[at]!;
      if (left >= 0) onPath[left]!--;
    }
    at = node;
    const entry = functionOf[node]!;
    if (entry >= 0 && onPath[entry]!++ === 0) isOutermost[node] = 1;
  }
  return isOutermost;
}

const SEPARATOR = ROLES.indexOf('separator');
