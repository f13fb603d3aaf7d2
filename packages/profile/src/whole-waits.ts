/** Owns telling waits that went on for all of a window from those that began in it and were not over at its end. Pure. */
import { emptyOpenWaits } from './rows.js';
import type { OpenWaits, ProfileWindow } from './window.js';

/** Windows are joined where few are wanted; a wait that went on for this long, ms, is a long one however long they became. */
const LONG_WAIT_MS = 1000;

/** Wall clocks are read to a quarter of a microsecond: what a wait may fall short of the window that it filled, ns. */
const CLOCK_STEP_NS = 1000;

/** The open waits of threads that were off CPU for all of the window: what a deadlock looks like. */
export function wholeWaits({
  openWaits,
  startMs,
  endMs,
}: Pick<ProfileWindow, 'openWaits' | 'startMs' | 'endMs'>): OpenWaits {
  const leastNs = Math.min(endMs - startMs, LONG_WAIT_MS) * 1e6 - CLOCK_STEP_NS;
  const whole = emptyOpenWaits();
  const columns = Object.keys(whole) as (keyof OpenWaits)[];
  for (let at = 0; at < openWaits.tid.length; at++) {
    if (openWaits.elapsedNs[at]! < leastNs) continue;
    for (const column of columns) whole[column].push(openWaits[column][at]!);
  }
  return whole;
}
