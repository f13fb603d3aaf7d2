/** Owns how long to wait before a part that died is started again: longer each time, short again after it held. */
const FIRST_MS = 1000;
/** Often enough that a mended host comes back by itself, seldom enough to cost nothing. */
const LONGEST_MS = 30_000;
/** A part that ran this long had started well: its end is news, not the same trouble again. */
const HELD_MS = 60_000;

export class Backoff {
  #nextMs = FIRST_MS;

  /** How long to wait, given how long the part ran. */
  next(ranMs: number): number {
    if (ranMs >= HELD_MS) this.#nextMs = FIRST_MS;
    const waitMs = this.#nextMs;
    this.#nextMs = Math.min(this.#nextMs * 2, LONGEST_MS);
    return waitMs;
  }
}
