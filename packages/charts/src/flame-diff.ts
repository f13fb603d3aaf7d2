/**
 * Owns how a difference of two profiles is seen in one graph: how wide a frame is, which step of colour it has, and what
 * that step means in numbers.
 *
 * Invariant: children fit into their parent, whichever width is asked for. `larger` is the larger of both of each
 * node's own value, summed from the leaves: the larger of both totals would not add up.
 *
 *     after        root 10 → a 10          before   root 10 → b 10          larger   root 20 → a 10, b 10
 */
import type { FlameTree } from '@stallscope/profile';
import { DIFF_STEPS } from './palette.js';

export const DIFF_WIDTHS = ['after', 'before', 'larger'] as const;
/** Whose value is the width of a frame: the present one's, the base's, or room for both. */
export type DiffWidth = (typeof DIFF_WIDTHS)[number];

export interface FlameDiff {
  /** By node, in the unit of the tree: what the base has of it. */
  baseSelfValue: Float64Array;
  baseTotalValue: Float64Array;
  /** What base values are multiplied by before they are compared: 1, or what makes both totals equal. */
  baseScale: number;
  width: DiffWidth;
}

/** Lower bounds of the steps, as shares of the larger of both totals: less than the first is no change. */
export const DIFF_BOUNDS: readonly number[] = [0.001, 0.01, 0.05, 0.2];

/** The change of a node, in the unit of the tree. */
export function changeOf(tree: FlameTree, diff: FlameDiff, node: number): number {
  return tree.totalValue[node]! - diff.baseTotalValue[node]! * diff.baseScale;
}

/** What changes are shares of: the larger of both totals. */
export function diffTotal(tree: FlameTree, diff: FlameDiff): number {
  return Math.max(tree.totalValue[0] ?? 0, (diff.baseTotalValue[0] ?? 0) * diff.baseScale);
}

/** From -DIFF_STEPS (shrank most) over 0 (no change worth a colour) to DIFF_STEPS (grew most). */
export function diffStepOf(change: number, total: number): number {
  const share = total > 0 ? Math.abs(change) / total : 0;
  let step = 0;
  while (step < DIFF_STEPS && share >= DIFF_BOUNDS[step]!) step++;
  return change < 0 ? -step : step;
}

/** The column that frames are as wide as. */
export function diffWidths(tree: FlameTree, diff: FlameDiff): Float64Array {
  if (diff.width === 'after') return tree.totalValue;
  if (diff.width === 'before') return diff.baseTotalValue;
  const widths = new Float64Array(tree.nodeCount);
  for (let node = tree.nodeCount - 1; node >= 0; node--) {
    widths[node]! += Math.max(tree.selfValue[node]!, diff.baseSelfValue[node]! * diff.baseScale);
    if (node > 0) widths[tree.parent[node]!]! += widths[node]!;
  }
  return widths;
}
