/**
 * Owns the wall clock at the ends of windows: one reading of the monotonic clock ends a window, and its time of day
 * follows from that, so that a window is as long by its two ends as what was measured in it.
 *
 *     monotonic     5.000 s       6.000 s       7.000 s
 *     time of day   12:00:00.000  12:00:01.000  12:00:02.000      the host's own clock may say 12:00:02.003 by then
 *
 * A host's clock is slewed, and set. When the two have come apart it is followed: that window begins where its length
 * says, and not where the one before it ended.
 */

/** How far the two may come apart, ms: a clock is slewed by half a millisecond a second at most. */
const MAX_APART_MS = 20;

export class WindowClock {
  #startedNs: number;
  #startedMs: number;

  /** The first window begins. @param monotonicNs and @param wallMs read together */
  constructor(monotonicNs: number, wallMs: number) {
    this.#startedNs = monotonicNs;
    this.#startedMs = wallMs;
  }

  /** Ends the window; the next begins. @returns its two ends, ms since the epoch, with fractions */
  endWindow(monotonicNs: number, wallMs: number): { startMs: number; endMs: number } {
    const lengthMs = (monotonicNs - this.#startedNs) / 1e6;
    let startMs = this.#startedMs;
    if (Math.abs(wallMs - lengthMs - startMs) > MAX_APART_MS) startMs = wallMs - lengthMs;
    const endMs = startMs + lengthMs;
    this.#startedNs = monotonicNs;
    this.#startedMs = endMs;
    return { startMs, endMs };
  }
}
