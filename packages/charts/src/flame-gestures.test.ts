import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FlameGestures, type Pointer } from './flame-gestures.js';

const done: string[] = [];
const gestures = new FlameGestures(() => ({
  onPan: (x, y) => done.push(`pan ${x} ${y}`),
  onMagnify: (x, factor) => done.push(`stretch at ${x} by ${factor.toFixed(2)}`),
  onLongPress: (x, y) => done.push(`menu ${x} ${y}`),
}));

beforeEach(() => {
  vi.useFakeTimers();
  done.length = 0;
});
afterEach(() => {
  gestures.stop();
  vi.useRealTimers();
});

test('a press that hardly moves is a click', () => {
  gestures.down(mouse(10, 10));
  gestures.move(mouse(12, 11));
  gestures.up(mouse(12, 11));
  expect(done).toEqual([]);
  expect(gestures.isSpent).toBe(false);
});

test('a mouse that drags pans both ways, and what ends it is no click', () => {
  gestures.down(mouse(10, 10));
  gestures.move(mouse(20, 15));
  gestures.move(mouse(21, 15));
  gestures.up(mouse(21, 15));
  expect(done).toEqual(['pan 10 5', 'pan 1 0']);
  expect(gestures.isSpent).toBe(true);
  gestures.down(mouse(10, 10));
  expect(gestures.isSpent).toBe(false);
});

test('moving without a press does nothing', () => {
  gestures.move(mouse(90, 90));
  expect(done).toEqual([]);
});

test('the other buttons do not drag', () => {
  gestures.down({ ...mouse(10, 10), button: 2 });
  gestures.move(mouse(90, 90));
  expect(done).toEqual([]);
});

test('a finger pans sideways alone, as the browser scrolls', () => {
  gestures.down(finger(1, 10, 10));
  gestures.move(finger(1, 40, 30));
  expect(done).toEqual(['pan 30 0']);
});

test('a finger held still asks for the menu, once, and its lifting is no click', () => {
  gestures.down(finger(1, 10, 10));
  gestures.move(finger(1, 13, 12));
  vi.advanceTimersByTime(499);
  expect(done).toEqual([]);
  vi.advanceTimersByTime(1);
  gestures.move(finger(1, 60, 12));
  gestures.up(finger(1, 60, 12));
  expect(done).toEqual(['menu 10 10']);
  expect([gestures.isSpent, gestures.wasLongPress]).toEqual([true, true]);
});

test('a finger that moves, is lifted, or is taken by a scroll asks for none', () => {
  gestures.down(finger(1, 10, 10));
  gestures.move(finger(1, 10, 40));
  gestures.up(finger(1, 10, 40));
  gestures.down(finger(1, 10, 10));
  gestures.up(finger(1, 10, 10));
  vi.advanceTimersByTime(2000);
  expect(done.filter((what) => what.startsWith('menu'))).toEqual([]);
});

test('two fingers stretch about their middle and move with it', () => {
  gestures.down(finger(1, 100, 50));
  gestures.down(finger(2, 200, 50));
  gestures.move(finger(2, 300, 50));
  expect(done).toEqual(['pan 50 0', 'stretch at 200 by 2.00']);
  gestures.up(finger(1, 100, 50));
  gestures.up(finger(2, 300, 50));
  expect(gestures.isSpent).toBe(true);
  vi.advanceTimersByTime(2000);
  expect(done).toHaveLength(2);
});

test('a plain wheel scrolls, with Ctrl it stretches, sideways it pans', () => {
  const wheel = {
    deltaX: 0,
    deltaY: 0,
    deltaMode: 0,
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    clientX: 7,
  };
  expect(gestures.wheel({ ...wheel, deltaY: 100 })).toBe(false);
  expect(gestures.wheel({ ...wheel, deltaY: 100, deltaX: 3 })).toBe(false);
  expect(done).toEqual([]);
  expect(gestures.wheel({ ...wheel, deltaY: -450, ctrlKey: true })).toBe(true);
  expect(gestures.wheel({ ...wheel, deltaY: 450, metaKey: true })).toBe(true);
  expect(gestures.wheel({ ...wheel, deltaY: 100, shiftKey: true })).toBe(true);
  expect(gestures.wheel({ ...wheel, deltaX: 4, deltaY: 1 })).toBe(true);
  expect(gestures.wheel({ ...wheel, deltaX: 2, deltaMode: 1 })).toBe(true);
  expect(done).toEqual([
    'stretch at 7 by 2.00',
    'stretch at 7 by 0.50',
    'pan -100 0',
    'pan -4 0',
    'pan -32 0',
  ]);
});

function mouse(x: number, y: number): Pointer {
  return { pointerId: 0, pointerType: 'mouse', clientX: x, clientY: y, button: 0 };
}

function finger(pointerId: number, x: number, y: number): Pointer {
  return { pointerId, pointerType: 'touch', clientX: x, clientY: y, button: 0 };
}
