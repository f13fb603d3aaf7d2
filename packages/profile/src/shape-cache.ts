/**
 * Owns the few most recently used `ShapedPaths` of a builder: a page shows a graph, both halves of a sandwich and a base
 * at once, and comes back to shapes it had.
 * Invariant: what is dropped only costs time to make again.
 */
import type { FlameShape } from './flame-shape.js';
import type { LabelTable } from './label-table.js';
import { ShapedPaths } from './shaped-paths.js';

export class ShapeCache {
  readonly #labels: LabelTable;
  readonly #tupleWidth: number;
  /** In order of use, the longest ago first. */
  readonly #paths = new Map<string, ShapedPaths>();

  constructor(labels: LabelTable, tupleWidth: number) {
    this.#labels = labels;
    this.#tupleWidth = tupleWidth;
  }

  /** `view` tells apart what the same rows and shape give different paths for. */
  of(view: string, shape: FlameShape): ShapedPaths {
    const { direction, mergeBy, collapseRecursion, hideFrames, only, focus, sandwich } = shape;
    // Not by noise: it leaves rows out before they have a path.
    const key = JSON.stringify([
      ...[view, direction, mergeBy, collapseRecursion, hideFrames],
      ...[only?.role, only?.label, focus?.role, focus?.label],
      ...[sandwich?.side, sandwich?.function.role, sandwich?.function.label],
    ]);
    let paths = this.#paths.get(key);
    if (paths === undefined) paths = new ShapedPaths(shape, this.#labels, this.#tupleWidth);
    else this.#paths.delete(key);
    this.#paths.set(key, paths);
    for (const oldest of this.#paths.keys()) {
      if (this.#paths.size <= MAX_SHAPES) break;
      this.#paths.delete(oldest);
    }
    return paths;
  }
}

/** Shapes kept: what one page shows at once (graph, callers, callees, base of a difference) and as many it may go back to. */
const MAX_SHAPES = 8;
