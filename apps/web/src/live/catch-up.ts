/**
 * Owns whether what came of a stream is the newest there is. The hub sends what it keeps oldest first, so that a browser
 * that comes late holds windows of minutes ago before it holds those of now, and must not show them as live.
 *
 *     {watching, windows: 200} → 200 windows, each behind → caught up → behind again when the newest heard of is far ahead
 */

/** How far the newest window held may be behind the newest the hub has told of, ms: its list and its windows cross on the way. */
export const BEHIND_FROM_MS = 5000;

export class CatchUp {
  #windowsLeft = 0;

  /** The hub said how many windows that it keeps come before live ones. */
  begin(windows: number): void {
    this.#windowsLeft = windows;
  }

  /** The next window stands for `windows`. */
  coalesce(windows: number): void {
    this.#take(windows - 1);
  }

  /** A window came; both are as for `behindMs`. */
  receive(newestMs: number | null, lastWindowEndMs: number | null): void {
    this.#take(1);
    // What the hub drops before it was its turn never comes.
    if (newestMs !== null && lastWindowEndMs !== null && newestMs >= lastWindowEndMs) this.#windowsLeft = 0;
  }

  /** How far the newest window held is behind the newest the hub told of, ms, 0 where that is not known; null when caught up. */
  behindMs(newestMs: number | null, lastWindowEndMs: number | null): number | null {
    const ms = newestMs === null || lastWindowEndMs === null ? 0 : Math.max(0, lastWindowEndMs - newestMs);
    return this.#windowsLeft > 0 || ms > BEHIND_FROM_MS ? ms : null;
  }

  #take(windows: number): void {
    this.#windowsLeft = Math.max(0, this.#windowsLeft - windows);
  }
}
