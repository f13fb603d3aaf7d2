/**
 * Owns the frame that a picture over time is drawn in, around what is shown:
 *
 *     follows        the span that is shown
 *     a stretch      the frame that it was chosen in, which stands still; where it lies outside, one of its own around it
 */
export interface FrameEnds {
  fromMs: number;
  toMs: number;
}

export interface FrameAsk {
  /** What is shown, and whether it is a stretch that was chosen. */
  shown: FrameEnds;
  isChosen: boolean;
  /** Length of a frame around a stretch, ms; Infinity for all that is held. */
  frameMs: number;
}

export class HeldFrame {
  #frame: FrameEnds | null = null;

  /** @param held oldest first */
  of(held: readonly { startMs: number; endMs: number }[], { shown, isChosen, frameMs }: FrameAsk): FrameEnds {
    const oldestMs = held[0]?.startMs ?? shown.fromMs;
    const newestMs = held.at(-1)?.endMs ?? shown.toMs;
    if (frameMs === Number.POSITIVE_INFINITY) return { fromMs: oldestMs, toMs: newestMs };
    if (!isChosen) this.#frame = shown;
    else if (this.#frame === null || !isWithin(shown, this.#frame)) {
      const lengthMs = shown.toMs - shown.fromMs;
      const aroundMs = Math.max(0, frameMs - lengthMs) / 2;
      // Where nothing newer is, the frame reaches further back, and the other way round.
      const toMs = Math.max(shown.toMs, Math.min(newestMs, shown.toMs + aroundMs));
      const fromMs = Math.min(shown.fromMs, Math.max(oldestMs, toMs - Math.max(frameMs, lengthMs)));
      this.#frame = { fromMs, toMs: Math.max(toMs, Math.min(newestMs, fromMs + frameMs)) };
    }
    return this.#frame;
  }

  /** Another host's windows: what stood still is of the one before. */
  forget(): void {
    this.#frame = null;
  }
}

function isWithin(inner: FrameEnds, outer: FrameEnds): boolean {
  // Ends are written in whole ms.
  return inner.fromMs >= outer.fromMs - 1 && inner.toMs <= outer.toMs + 1;
}
