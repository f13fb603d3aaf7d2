/**
 * Owns the tooltip of a flame graph: small, late, and out of the way. It comes after a moment of rest, takes no pointer,
 * lies on the side of the callers (which have been read) and never on the frame it tells of; Escape sends it away.
 */
import type { FrameWords } from './flame-words.js';

/** Passing over a graph asks for nothing. */
const REST_MS = 300;
/** While one frame after another is looked at, the next does not wait. */
const WARM_MS = 400;
const GAP_PX = 6;
/** Below a pointer, its arrow has to be passed too. */
const ARROW_PX = 20;
const BESIDE_PX = 12;
const EDGE_PX = 8;

/** In CSS px of the viewport: the row told of, and the pointer in it. */
export interface TooltipPlace {
  pointerXPx: number;
  rowTopPx: number;
  rowBottomPx: number;
  /** Side of the callers. */
  side: 'above' | 'below';
}

export class FlameTooltip {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #shownUntilMs = Number.NEGATIVE_INFINITY;
  #element: HTMLElement | undefined;
  #isShown = false;

  /** Shows soon, or at once where one is shown; called again as the pointer moves. */
  offer(element: HTMLElement, words: () => FrameWords, place: TooltipPlace): void {
    this.#element = element;
    clearTimeout(this.#timer);
    const show = () => this.#show(element, words(), place);
    if (this.#isShown || performance.now() < this.#shownUntilMs) show();
    else this.#timer = setTimeout(show, REST_MS);
  }

  /** `isDone` where something else has begun: the next one waits again. */
  hide(isDone = false): void {
    clearTimeout(this.#timer);
    if (isDone) this.#shownUntilMs = Number.NEGATIVE_INFINITY;
    else if (this.#isShown) this.#shownUntilMs = performance.now() + WARM_MS;
    if (!this.#isShown) return;
    this.#isShown = false;
    if (this.#element !== undefined) this.#element.style.visibility = 'hidden';
    removeEventListener('keydown', this.#onKeyDown, true);
  }

  #show(
    element: HTMLElement,
    { name, role, module, facts, change, owner }: FrameWords,
    place: TooltipPlace,
  ): void {
    const lines = element.children;
    lines[0]!.textContent = name;
    lines[1]!.textContent = facts.join(' · ');
    lines[2]!.textContent = change ?? '';
    lines[3]!.textContent = owner ?? '';
    lines[4]!.textContent = [role, module].filter((word) => word !== undefined && word !== '').join(' · ');
    const { offsetWidth: widthPx, offsetHeight: heightPx } = element;
    const above = place.rowTopPx - GAP_PX - heightPx;
    const below = place.rowBottomPx + ARROW_PX;
    const fitsAbove = above >= EDGE_PX;
    const fitsBelow = below + heightPx <= innerHeight - EDGE_PX;
    const isAbove = place.side === 'above' ? fitsAbove || !fitsBelow : fitsAbove && !fitsBelow;
    const leftPx = Math.min(place.pointerXPx + BESIDE_PX, innerWidth - EDGE_PX - widthPx);
    element.style.transform = `translate(${Math.max(EDGE_PX, Math.round(leftPx))}px, ${Math.round(isAbove ? above : below)}px)`;
    element.style.visibility = 'visible';
    if (!this.#isShown) addEventListener('keydown', this.#onKeyDown, true);
    this.#isShown = true;
  }

  readonly #onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') this.hide(true);
  };
}
