/** Owns what a long press of a finger is: held for a while, and hardly moved. */

/** As long as phones have it. */
const LONG_PRESS_MS = 500;
/** A finger at rest trembles. */
const TREMBLE_PX = 10;

interface Point {
  xPx: number;
  yPx: number;
}

export class LongPress {
  /** It was held long enough, and has been answered. */
  isOver = false;
  readonly #from: Point;
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(from: Point, onLongPress: () => void) {
    this.#from = from;
    this.#timer = setTimeout(() => {
      this.isOver = true;
      onLongPress();
    }, LONG_PRESS_MS);
  }

  moved(to: Point): void {
    if (Math.hypot(to.xPx - this.#from.xPx, to.yPx - this.#from.yPx) > TREMBLE_PX) this.cancel();
  }

  /** The finger was lifted, moved away, or scrolls. */
  cancel(): void {
    clearTimeout(this.#timer);
  }
}
