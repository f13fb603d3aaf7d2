/**
 * Owns the short movement from one zoom to the next: where the new layout is drawn while the reader's eye follows.
 *
 * The new layout is laid out at once and drawn through `viewX = x * scale + shiftPx`, which starts such that the frame
 * that ties both zooms is where it was and ends at 1 and 0. Zooming in, that frame is the one zoomed to and grows out of
 * its old box; zooming out it is the one left and shrinks into its new box. Other jumps (a link, a reset from elsewhere)
 * and live updates do not move at all.
 */
import { boxOf, type FlameLayout, type FlameTree, NONE } from '@stallscope/profile';

/** Long enough to be followed, short enough not to be waited for. */
export const ZOOM_MOTION_MS = 120;

/** Span of the starting picture, in px of the new layout, as `left` and `width`; it eases to 0 and the full width. */
export interface ZoomMotion {
  fromScale: number;
  fromShiftPx: number;
  /** Zooming in moves boxes, zooming out moves the window over them; each is linear in its own terms. */
  isOut: boolean;
}

/** The movement between two layouts of one tree, or undefined where nothing ties them. */
export function motionBetween(
  tree: FlameTree,
  before: FlameLayout,
  beforeZoom: number,
  after: FlameLayout,
  afterZoom: number,
  widthPx: number,
): ZoomMotion | undefined {
  if (beforeZoom === afterZoom || widthPx <= 0) return undefined;
  const isOut = before.ancestorRows > after.ancestorRows;
  // The frame that both layouts have: where it was, and where it will be. Either may be stretched.
  const tie = isOut ? beforeZoom : afterZoom;
  const was = boxOf(tree, before, tie);
  const will = boxOf(tree, after, tie);
  if (was === NONE || will === NONE) return undefined;
  const fromScale = before.width[was]! / after.width[will]!;
  return { fromScale, fromShiftPx: before.x[was]! - after.x[will]! * fromScale, isOut };
}

/** Scale and shift at a time since the start; 1 and 0 once it is over. */
export function motionAt(motion: ZoomMotion, elapsedMs: number): { scale: number; shiftPx: number } {
  const time = Math.min(1, Math.max(0, elapsedMs / ZOOM_MOTION_MS));
  if (time === 1) return { scale: 1, shiftPx: 0 };
  const eased = 1 - (1 - time) ** 3;
  if (motion.isOut) {
    const window = 1 / motion.fromScale + (1 - 1 / motion.fromScale) * eased;
    const left = (-motion.fromShiftPx / motion.fromScale) * (1 - eased);
    return { scale: 1 / window, shiftPx: -left / window };
  }
  return {
    scale: motion.fromScale + (1 - motion.fromScale) * eased,
    shiftPx: motion.fromShiftPx * (1 - eased),
  };
}
