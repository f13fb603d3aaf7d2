/**
 * Owns what is truly shown of the stretch asked for: from the first window in it to the last, and why that may be less.
 * The hub keeps windows up to a limit of time and of bytes, so a busy host's "last 15 min" may begin 3 minutes ago.
 *
 *     asked      09:48 ———————————————————————— 10:03
 *     windows                     10:00 ▮▮▮▮ ▮▮▮ 10:03     covered: from 10:00, 1 missing inside, nothing older
 */
import type { ShownSpan, StripSeries } from '../live/live-messages';

export interface CoveredRange {
  fromMs: number;
  toMs: number;
  /** The stretch asked for begins before the oldest window held. */
  isCutAtStart: boolean;
  /** Time between `fromMs` and `toMs` without a window. */
  missingMs: number;
}

/** Time without a window that is not worth a word: windows are cut where they lie across an edge. */
const LEAST_MISSING_MS = 1500;

/** Null where no window lies in the stretch. */
export function coveredRange(
  { startMs, endMs }: Pick<StripSeries, 'startMs' | 'endMs'>,
  shown: Pick<ShownSpan, 'fromMs' | 'toMs' | 'coveredMs'>,
): CoveredRange | null {
  // By its middle, as the worker sums them.
  const isShown = (_: number, index: number): boolean => {
    const middleMs = (startMs[index]! + endMs[index]!) / 2;
    return middleMs > shown.fromMs && middleMs <= shown.toMs;
  };
  const first = startMs.findIndex(isShown);
  if (first < 0) return null;
  const last = startMs.findLastIndex(isShown);
  const fromMs = startMs[first]!;
  const toMs = endMs[last]!;
  const missingMs = toMs - fromMs - shown.coveredMs;
  return {
    fromMs,
    toMs,
    isCutAtStart: first === 0 && fromMs - shown.fromMs > LEAST_MISSING_MS,
    missingMs: missingMs > LEAST_MISSING_MS ? missingMs : 0,
  };
}
