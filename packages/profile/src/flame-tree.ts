/**
 * Owns the shape of a flame graph before it is laid out: a tree in columns, ready to be transferred from a worker.
 *
 * Node 0 is the root, labelled '' with role `root`. Nodes are numbered depth first: parent[n] < n for every other node,
 * so one pass from the last node to the first sums totals, and one from first to last sums depths; and a subtree is one
 * run of numbers. Children of one parent are linked through
 * firstChild/nextSibling in order of label (code unit order), then role, which is the order they are drawn in:
 * it does not depend on values, so live updates never reorder what the reader looks at.
 */
import { NONE } from './kinds.js';

export interface FlameTree {
  /** Label of a node: `labels[label[n]]`. Append-only for the lifetime of the builder; shared by its trees. */
  labels: readonly string[];
  nodeCount: number;
  parent: Int32Array;
  label: Int32Array;
  /** Index into ROLES. */
  role: Uint8Array;
  /** Index into UNNAMED for frames; 0 otherwise. */
  unnamed: Uint8Array;
  /** Index into FRAME_KINDS: what made the code of a user frame; 0 otherwise. */
  frameKind: Uint8Array;
  /** Module (string id into `labels`), 0 for none. */
  module: Int32Array;
  firstChild: Int32Array;
  nextSibling: Int32Array;
  /** In this node itself (its paths end here) and in all of its subtree; ns for waits, else see `SampleProfile`. */
  selfValue: Float64Array;
  totalValue: Float64Array;
  /** Estimated number of intervals in the subtree. */
  totalCount: Float64Array;
}

/** A tree whose columns are there and say nothing yet: all zeros, and no node has a child or a sibling. */
export function unfilledFlameTree(labels: readonly string[], nodeCount: number): FlameTree {
  return {
    labels,
    nodeCount,
    parent: new Int32Array(nodeCount),
    label: new Int32Array(nodeCount),
    role: new Uint8Array(nodeCount),
    unnamed: new Uint8Array(nodeCount),
    frameKind: new Uint8Array(nodeCount),
    module: new Int32Array(nodeCount),
    firstChild: new Int32Array(nodeCount).fill(NONE),
    nextSibling: new Int32Array(nodeCount).fill(NONE),
    selfValue: new Float64Array(nodeCount),
    totalValue: new Float64Array(nodeCount),
    totalCount: new Float64Array(nodeCount),
  };
}
