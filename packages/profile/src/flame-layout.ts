/**
 * Owns where each frame of a flame graph stands: from a tree and a zoomed node to boxes in pixels, row by row.
 *
 * Only what can be seen is visited: a node narrower than `minWidthPx` is not placed and its subtree is never read, so
 * the cost follows the width of the screen and the fan-out of what is on it, not the size of the tree. What is left out
 * is counted, and neighbours left out under one parent are joined into one run, drawn as a whole: a thousand siblings of
 * a fifth of a pixel are a grey bar that says so, never a hole that looks like the parent's own time.
 *
 * Invariants: boxes are sorted by depth, then x. Boxes and runs of one row do not overlap, each lies within its
 * parent's box (which may begin left of 0 and end beyond the width where a part of the row is asked for), and the order under a parent is the tree's own (by label), whatever the values are.
 *
 * Example, widthPx 100, minWidthPx 2:
 *
 *     root 100            zoomNode root: depth 0  root[0 100]          zoomNode a: depth 0  root[0 100]
 *     ├ a 60                             depth 1  a[0 60] c[61 100]                depth 1  a[0 100]
 *     │ └ x 30                           depth 2  x[0 30]                          depth 2  x[0 50]
 *     ├ b 1                              run of 1 at depth 1 [60 61]
 *     └ c 39                             culledNodes 1, culledValue 1                 ancestorRows 1
 *
 * A node's own time is the empty end of its box, at the right of its children.
 */
import type { FlameTree } from './flame-tree.js';
import { NONE } from './kinds.js';

export interface FlameLayoutOptions {
  /** Width of the row of the zoomed node, px. */
  widthPx: number;
  /** Node drawn full width, its ancestors full width above it; 0, the root, is no zoom. */
  zoomNode: number;
  /** The part of the zoomed node's row that fills `widthPx`, as shares of it; default 0 and 1. Boxes beside it are not placed. */
  from?: number;
  to?: number;
  /** By node, what widths are proportional to; default is `totalValue`. Children must fit into their parent. */
  values?: Float64Array;
  /** Narrower nodes are not placed, px; default MIN_WIDTH_PX. */
  minWidthPx?: number;
}

/** Half a pixel: a narrower box would be drawn as less than a shade of its neighbour. */
export const MIN_WIDTH_PX = 0.5;

export interface FlameLayout {
  /** Boxes placed; each column below holds at least this many. */
  count: number;
  node: Int32Array;
  x: Float64Array;
  width: Float64Array;
  depth: Int32Array;
  /** Row d is the boxes [rowStart[d], rowStart[d + 1]); rowCount + 1 values. */
  rowStart: Int32Array;
  rowCount: number;
  /** Rows above the zoomed node: its ancestors, drawn full width. */
  ancestorRows: number;
  /** Runs of neighbours left out, sorted by depth, then x; each at least `minWidthPx` wide. */
  runCount: number;
  runX: Float64Array;
  runWidth: Float64Array;
  runDepth: Int32Array;
  /** Nodes joined into the run, without their subtrees. */
  runNodes: Int32Array;
  /** Nodes left out beside a placed parent; their subtrees were not read and are not counted. */
  culledNodes: number;
  /** ns of those nodes; their subtrees' time is in it, once. */
  culledValue: number;
}

export function layoutFlame(tree: FlameTree, options: FlameLayoutOptions): FlameLayout {
  const { widthPx, zoomNode } = options;
  const minWidthPx = options.minWidthPx ?? MIN_WIDTH_PX;
  assertPlaceable(tree, options, minWidthPx);
  const { firstChild, nextSibling } = tree;
  const totalValue = options.values ?? tree.totalValue;
  const boxes = new Boxes();
  const runs = new Runs();
  const rowStart: number[] = [];
  let culledNodes = 0;
  let culledValue = 0;

  const ancestors = ancestorsOf(tree, zoomNode);
  for (const [depth, ancestor] of ancestors.entries()) {
    rowStart.push(boxes.count);
    boxes.add(ancestor, 0, widthPx, depth);
  }
  rowStart.push(boxes.count);
  const { from = 0, to = 1 } = options;
  const zoomWidthPx = widthPx / (to - from);
  boxes.add(zoomNode, from === 0 ? 0 : -from * zoomWidthPx, zoomWidthPx, ancestors.length);

  const zoomNs = totalValue[zoomNode]!;
  const pxPerNs = zoomNs > 0 ? zoomWidthPx / zoomNs : 0;
  let rowBegin = boxes.count - 1;
  for (let depth = ancestors.length + 1; ; depth++) {
    const rowEnd = boxes.count;
    for (let box = rowBegin; box < rowEnd; box++) {
      const parentRight = boxes.x[box]! + boxes.width[box]!;
      let x = boxes.x[box]!;
      let runX = x;
      let runNodes = 0;
      for (let child = firstChild[boxes.node[box]!]!; child !== NONE; child = nextSibling[child]!) {
        // Sums of floats can pass the parent's by a rounding; a box must not.
        const width = Math.max(0, Math.min(totalValue[child]! * pxPerNs, parentRight - x));
        if (to < 1 && x >= widthPx) break;
        if (x < 0 && x + width <= 0) {
          x += width;
          runX = x;
          runNodes = 0;
          continue;
        }
        if (width >= minWidthPx) {
          if (runNodes > 0 && x - runX >= minWidthPx) runs.add(runX, x - runX, depth, runNodes);
          boxes.add(child, x, width, depth);
          runNodes = 0;
          runX = x + width;
        } else {
          culledNodes++;
          culledValue += totalValue[child]!;
          runNodes++;
        }
        x += width;
      }
      if (runNodes > 0 && x - runX >= minWidthPx) runs.add(runX, x - runX, depth, runNodes);
    }
    const lastRun = runs.count > 0 ? runs.depth[runs.count - 1]! : -1;
    if (boxes.count === rowEnd) {
      rowStart.push(rowEnd);
      // A last row may hold runs alone.
      if (lastRun === depth) rowStart.push(rowEnd);
      break;
    }
    rowStart.push(rowEnd);
    rowBegin = rowEnd;
  }

  return {
    count: boxes.count,
    node: boxes.node,
    x: boxes.x,
    width: boxes.width,
    depth: boxes.depth,
    rowStart: Int32Array.from(rowStart),
    rowCount: rowStart.length - 1,
    ancestorRows: ancestors.length,
    runCount: runs.count,
    runX: runs.x,
    runWidth: runs.width,
    runDepth: runs.depth,
    runNodes: runs.nodes,
    culledNodes,
    culledValue,
  };
}

/** Index of the box under a point, or NONE. Boxes hold their left edge, not their right one. */
export function boxAt(layout: FlameLayout, xPx: number, depth: number): number {
  if (depth < 0 || depth >= layout.rowCount) return NONE;
  const { x, width, rowStart } = layout;
  let low = rowStart[depth]!;
  let high = rowStart[depth + 1]!;
  const begin = low;
  // First box that starts right of the point; the one before it is the only candidate.
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (x[middle]! <= xPx) low = middle + 1;
    else high = middle;
  }
  const box = low - 1;
  return box >= begin && xPx < x[box]! + width[box]! ? box : NONE;
}

/** Node of the tree under a point, or NONE. */
export function nodeAt(layout: FlameLayout, xPx: number, depth: number): number {
  const box = boxAt(layout, xPx, depth);
  return box === NONE ? NONE : layout.node[box]!;
}

/** Index of the box of a node, or NONE where it was not placed. */
export function boxOf(tree: FlameTree, layout: FlameLayout, node: number): number {
  if (node < 0 || node >= tree.nodeCount) return NONE;
  const depth = depthOf(tree, node);
  if (depth >= layout.rowCount) return NONE;
  const box = layout.node.subarray(0, layout.rowStart[depth + 1]!).indexOf(node, layout.rowStart[depth]!);
  return box === -1 ? NONE : box;
}

/** Steps from the root: 0 for the root itself. */
export function depthOf(tree: FlameTree, node: number): number {
  let depth = 0;
  for (let at = node; at !== 0; at = tree.parent[at]!) depth++;
  return depth;
}

/** The path above a node, root first, without the node. */
function ancestorsOf(tree: FlameTree, node: number): number[] {
  const ancestors: number[] = [];
  for (let at = node; at !== 0; ) {
    at = tree.parent[at]!;
    ancestors.push(at);
  }
  return ancestors.reverse();
}

function assertPlaceable(tree: FlameTree, options: FlameLayoutOptions, minWidthPx: number): void {
  const { widthPx, zoomNode } = options;
  if (!(widthPx >= 0) || !Number.isFinite(widthPx)) {
    throw new RangeError(`lay out a flame graph: widthPx ${widthPx} is not a width in pixels`);
  }
  const { from = 0, to = 1 } = options;
  if (!(from >= 0 && from < to && to <= 1)) {
    throw new RangeError(
      `lay out a flame graph: from ${from} to ${to} is not a part of a row (0 ≤ from < to ≤ 1)`,
    );
  }
  if (!(minWidthPx > 0)) {
    throw new RangeError(
      `lay out a flame graph: minWidthPx ${minWidthPx} must be above 0, or nodes without time would be placed`,
    );
  }
  if (!Number.isInteger(zoomNode) || zoomNode < 0 || zoomNode >= tree.nodeCount) {
    throw new RangeError(
      `lay out a flame graph: zoomNode ${zoomNode} is not in the tree of ${tree.nodeCount} nodes; find it again by path after an update`,
    );
  }
}

/** Boxes that a first screen takes; columns double from here. */
const INITIAL_CAPACITY = 1024;

class Boxes {
  count = 0;
  node = new Int32Array(INITIAL_CAPACITY);
  x = new Float64Array(INITIAL_CAPACITY);
  width = new Float64Array(INITIAL_CAPACITY);
  depth = new Int32Array(INITIAL_CAPACITY);

  add(node: number, x: number, width: number, depth: number): void {
    if (this.count === this.node.length) {
      this.node = grown(this.node, new Int32Array(this.count * 2));
      this.x = grown(this.x, new Float64Array(this.count * 2));
      this.width = grown(this.width, new Float64Array(this.count * 2));
      this.depth = grown(this.depth, new Int32Array(this.count * 2));
    }
    const at = this.count++;
    this.node[at] = node;
    this.x[at] = x;
    this.width[at] = width;
    this.depth[at] = depth;
  }
}

class Runs {
  count = 0;
  x = new Float64Array(INITIAL_CAPACITY);
  width = new Float64Array(INITIAL_CAPACITY);
  depth = new Int32Array(INITIAL_CAPACITY);
  nodes = new Int32Array(INITIAL_CAPACITY);

  add(x: number, width: number, depth: number, nodes: number): void {
    if (this.count === this.x.length) {
      this.x = grown(this.x, new Float64Array(this.count * 2));
      this.width = grown(this.width, new Float64Array(this.count * 2));
      this.depth = grown(this.depth, new Int32Array(this.count * 2));
      this.nodes = grown(this.nodes, new Int32Array(this.count * 2));
    }
    const at = this.count++;
    this.x[at] = x;
    this.width[at] = width;
    this.depth[at] = depth;
    this.nodes[at] = nodes;
  }
}

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
