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
    const { direction, mergeBy, withoutThreadNames, collapseRecursion, hideFrames } = shape;
    const { only, focus, sandwich } = shape;
    // Not by noise: it leaves rows out before they have a path.
    const key = JSON.stringify([
      ...[view, direction, mergeBy, withoutThreadNames === true, collapseRecursion, hideFrames],
      ...[only?.role, only?.label, focus?.role, focus?.label],
      ...[sandwich?.side, sandwich?.function.role, sandwich?.function.label],
    ]);
    let paths = this.#paths.get(key);
    if (paths === undefined) paths = new ShapedPaths(shape, this.#labels, this.#tupleWidth);
    else this.#paths.delete(key);
    this.#paths.set(key, paths);
    this.#dropOldest();
    return paths;
  }

  #dropOldest(): void {
    let nodes = 0;
    for (const paths of this.#paths.values()) nodes += paths.nodeCount;
    for (const [oldest, paths] of this.#paths) {
      const { size } = this.#paths;
      if (size <= MIN_SHAPES || (size <= MAX_SHAPES && nodes <= MAX_NODES)) return;
      nodes -= paths.nodeCount;
      this.#paths.delete(oldest);
    }
  }
}

/** Shapes kept however large: those that one page shows at once (graph, callers, callees, base of a difference). */
const MIN_SHAPES = 4;

/** Nodes of all shapes together above which the rest go: some 60 bytes each, so 90 MB. */
const MAX_NODES = 1_500_000;

/** Shapes kept at most: as many again, to go back to. */
const MAX_SHAPES = 8;
