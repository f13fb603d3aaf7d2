/**
 * Owns how a difference of two profiles is seen in one graph: how wide a frame is, which step of colour it has, and what
 * that step means in numbers.
 */
import { type DiffWidth, diffWidths, type FlameTree } from '@stallscope/profile';
import { DIFF_STEPS } from './palette.js';

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
export function widthsOf(tree: FlameTree, diff: FlameDiff): Float64Array {
  return diffWidths({ ...tree, baseSelfValue: diff.baseSelfValue }, diff.width, diff.baseScale).totalValue;
}
