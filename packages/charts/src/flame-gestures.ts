/**
 * Owns what pointers and the wheel mean over a flame graph: drag pans, two fingers or the wheel with Ctrl stretch, a
 * finger held still asks for the menu. A finger's vertical movement is left to the browser, which scrolls.
 *
 * Invariant: one press is one thing. What has become a drag, a pinch or a long press is no click any more.
 */
import { LongPress } from './long-press.js';

export interface GestureActs {
  /** Moved so far, CSS px; what lies to the left comes into view where xPx is above zero. */
  onPan(xPx: number, yPx: number): void;
  /** Stretched about a place of the page. */
  onMagnify(clientX: number, factor: number): void;
  /** Undefined where no menu is wanted. */
  onLongPress: ((clientX: number, clientY: number) => void) | undefined;
}

/** Of a PointerEvent. */
export interface Pointer {
  pointerId: number;
  pointerType: string;
  clientX: number;
  clientY: number;
  button: number;
}

/** Of a WheelEvent. */
export interface Wheel {
  deltaX: number;
  deltaY: number;
  deltaMode: number;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  clientX: number;
}

/** A hand on a mouse trembles too. */
const DRAG_FROM_PX = 4;
/** Fingers this close have no measurable distance. */
const LEAST_PINCH_PX = 10;
/** A notch of a wheel (100 to 120 px) stretches by a quarter. */
const STRETCH_PX = 450;
/** One line of a wheel that counts in lines, px. */
const LINE_PX = 16;
const LINES = 1;

interface Held {
  x: number;
  y: number;
}

export class FlameGestures {
  readonly #acts: () => GestureActs;
  readonly #held = new Map<number, Held>();
  #press: LongPress | undefined;
  #isDrag = false;
  /** The click that ends this press is none. */
  #isSpent = false;

  constructor(acts: () => GestureActs) {
    this.#acts = acts;
  }

  /** Whether the last press became something else than a click. */
  get isSpent(): boolean {
    return this.#isSpent;
  }

  /** A finger was held for so long that its menu has been asked for. */
  get wasLongPress(): boolean {
    return this.#press?.isOver === true;
  }

  /** Whether a pointer drags or pinches now. */
  get isMoving(): boolean {
    return this.#isDrag;
  }

  down({ pointerId, pointerType, clientX, clientY, button }: Pointer): void {
    if (button !== 0) return;
    if (this.#held.size === 0) {
      this.#isDrag = false;
      this.#isSpent = false;
    }
    this.#held.set(pointerId, { x: clientX, y: clientY });
    this.#press?.cancel();
    this.#press = undefined;
    const { onLongPress } = this.#acts();
    if (this.#held.size > 1) this.#isSpent = true;
    else if (pointerType === 'touch' && onLongPress !== undefined) {
      this.#press = new LongPress({ xPx: clientX, yPx: clientY }, () => {
        this.#isSpent = true;
        onLongPress(clientX, clientY);
      });
    }
  }

  move({ pointerId, pointerType, clientX, clientY }: Pointer): void {
    const held = this.#held.get(pointerId);
    if (held === undefined) return;
    this.#press?.moved({ xPx: clientX, yPx: clientY });
    if (this.#press?.isOver === true) return;
    const xPx = clientX - held.x;
    const yPx = clientY - held.y;
    if (this.#held.size === 1) {
      if (!this.#isDrag && Math.hypot(xPx, yPx) < DRAG_FROM_PX) return;
      this.#isDrag = true;
      this.#isSpent = true;
      // The browser scrolls by finger itself.
      this.#acts().onPan(xPx, pointerType === 'touch' ? 0 : yPx);
    } else {
      this.#isDrag = true;
      const other = [...this.#held].find(([id]) => id !== pointerId)![1];
      const before = Math.hypot(held.x - other.x, held.y - other.y);
      const after = Math.hypot(clientX - other.x, clientY - other.y);
      const middle = (clientX + other.x) / 2;
      this.#acts().onPan(xPx / 2, 0);
      if (before > LEAST_PINCH_PX && after > LEAST_PINCH_PX) this.#acts().onMagnify(middle, after / before);
    }
    held.x = clientX;
    held.y = clientY;
  }

  /** Lifted, cancelled by the browser's own scroll, or lost. */
  up({ pointerId }: Pick<Pointer, 'pointerId'>): void {
    this.#held.delete(pointerId);
    if (this.#press?.isOver !== true) this.#press?.cancel();
    if (this.#held.size === 0) this.#isDrag = false;
  }

  /** Whether the wheel was for the graph: a plain one scrolls, which is the browser's. */
  wheel({ deltaX, deltaY, deltaMode, ctrlKey, metaKey, shiftKey, clientX }: Wheel): boolean {
    const toPx = deltaMode === LINES ? LINE_PX : 1;
    if (ctrlKey || metaKey) {
      this.#acts().onMagnify(clientX, 2 ** ((-deltaY * toPx) / STRETCH_PX));
      return true;
    }
    const sidewaysPx = (shiftKey && deltaX === 0 ? deltaY : deltaX) * toPx;
    if (Math.abs(sidewaysPx) <= Math.abs(shiftKey ? 0 : deltaY * toPx)) return false;
    this.#acts().onPan(-sidewaysPx, 0);
    return true;
  }

  stop(): void {
    this.#press?.cancel();
    this.#held.clear();
  }
}
