import { type FlameLayout, layoutFlame } from '@stallscope/profile';
import { describe, expect, test } from 'vitest';
import { treeOfStacks } from './fixtures.js';
import { motionAt, motionBetween, ZOOM_MOTION_MS } from './zoom-motion.js';

const WIDTH_PX = 100;
const user = (label: string) => ({ label, role: 'user' as const });
const tree = treeOfStacks([
  { frames: [user('a')], ns: 20 },
  { frames: [user('b'), user('x')], ns: 30 },
  { frames: [user('b')], ns: 10 },
  { frames: [user('c')], ns: 40 },
]);
const layoutAt = (zoomNode: number): FlameLayout => layoutFlame(tree, { widthPx: WIDTH_PX, zoomNode });
const b = [...tree.label].findIndex((label) => tree.labels[label] === 'b');
const x = [...tree.label].findIndex((label) => tree.labels[label] === 'x');
const c = [...tree.label].findIndex((label) => tree.labels[label] === 'c');

describe('zooming in', () => {
  const motion = motionBetween(tree, layoutAt(0), 0, layoutAt(b), b, WIDTH_PX)!;

  test('starts where the frame was and ends full width', () => {
    expect(motionAt(motion, 0)).toEqual({ scale: 0.4, shiftPx: 20 });
    expect(motionAt(motion, ZOOM_MOTION_MS)).toEqual({ scale: 1, shiftPx: 0 });
  });
});

describe('zooming out', () => {
  const motion = motionBetween(tree, layoutAt(x), x, layoutAt(0), 0, WIDTH_PX)!;

  test('starts with the frame full width and ends with it in its place', () => {
    const { scale, shiftPx } = motionAt(motion, 0);
    // x is 20 to 50 px in the layout without zoom.
    expect(20 * scale + shiftPx).toBeCloseTo(0);
    expect(50 * scale + shiftPx).toBeCloseTo(WIDTH_PX);
    expect(motionAt(motion, ZOOM_MOTION_MS)).toEqual({ scale: 1, shiftPx: 0 });
  });

  test('never leaves the strip of the layout', () => {
    for (let ms = 0; ms <= ZOOM_MOTION_MS; ms += 10) {
      const { scale, shiftPx } = motionAt(motion, ms);
      expect(shiftPx).toBeLessThanOrEqual(1e-9);
      expect(WIDTH_PX * scale + shiftPx).toBeGreaterThanOrEqual(WIDTH_PX - 1e-9);
    }
  });
});

test('nothing moves between places that no frame ties', () => {
  expect(motionBetween(tree, layoutAt(x), x, layoutAt(c), c, WIDTH_PX)).toBeUndefined();
  expect(motionBetween(tree, layoutAt(b), b, layoutAt(b), b, WIDTH_PX)).toBeUndefined();
});
