/**
 * Owns what is read from the browser's own trace, as its performance panel reads it: the tasks of a page's main thread, and
 * the frames that were drawn or dropped. Times are milliseconds since the trace's own zero.
 */

/** The page's own thread, and nothing of what scripts sample, which would cost what is measured. */
export const TRACE_CATEGORIES = [
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'disabled-by-default-devtools.timeline.frame',
  'blink.user_timing',
];

/** What the measured pages call their marks. */
const OWN_MARKS = /^(update|painted) |^file arrived$|^(product|zoom|pan) begin$/;

export class PageTrace {
  #events;
  #pid;
  #tid;

  /**
   * The page that was left may end its navigation in the same trace, in a process of its own: only marks tell which one
   * is measured.
   *
   * @param {Buffer} json of a page that has made at least one of the bench's marks
   */
  constructor(json) {
    this.#events = JSON.parse(json.toString()).traceEvents;
    const mark = this.#events.find(({ cat, name }) => cat === 'blink.user_timing' && OWN_MARKS.test(name));
    if (mark === undefined) throw new Error(`read a trace: no mark in it is like ${OWN_MARKS}`);
    this.#pid = mark.pid;
    this.#tid = mark.tid;
  }

  /** @returns {{ name: string, atMs: number }[]} in order of time */
  marks(pattern) {
    return this.#events
      .filter(({ cat, name, pid }) => cat === 'blink.user_timing' && pid === this.#pid && pattern.test(name))
      .map(({ name, ts }) => ({ name, atMs: ts / 1000 }))
      .sort((a, b) => a.atMs - b.atMs);
  }

  /** Tasks of the main thread that ended in a span; a busy machine makes them longer than their time on a CPU. @returns {{ endMs: number, lengthMs: number, cpuMs: number }[]} */
  tasks(fromMs, toMs) {
    return this.#events
      .filter(
        ({ name, ph, pid, tid }) =>
          name === 'RunTask' && ph === 'X' && pid === this.#pid && tid === this.#tid,
      )
      .map(({ ts, dur, tdur = 0 }) => ({
        endMs: (ts + dur) / 1000,
        lengthMs: dur / 1000,
        cpuMs: tdur / 1000,
      }))
      .filter(({ endMs }) => endMs > fromMs && endMs <= toMs);
  }

  /** When a frame of the page last ran its animation callbacks in a span. */
  lastAnimationFrameMs(fromMs, toMs) {
    const at = this.#events
      .filter(({ name, pid }) => name === 'FireAnimationFrame' && pid === this.#pid)
      .map(({ ts, dur = 0 }) => (ts + dur) / 1000)
      .filter((endMs) => endMs > fromMs && endMs <= toMs);
    return Math.max(...at);
  }

  /** As the performance panel counts them. */
  frames(fromMs, toMs) {
    const count = (wanted) =>
      this.#events.filter(
        ({ name, pid, ts }) =>
          name === wanted && pid === this.#pid && ts / 1000 > fromMs && ts / 1000 <= toMs,
      ).length;
    return { drawn: count('DrawFrame'), dropped: count('DroppedFrame') };
  }
}
