/**
 * Owns the arithmetic of the time strip: windows to bars and gaps, and spans of time to whole windows.
 *
 * A bar's height is a rate, blocked ns a second, so that windows of 250 ms and of 1 s compare. Where several windows share
 * a pixel the bar shows the highest: a short stall must not be averaged away by its neighbours.
 *
 *     windows   [0 1000) 2 s   [1000 2000) 4 s   [5000 6000) 1 s      over 0–6000 ms in 60 px
 *     bars      x 0 w 10 2 s/s   x 10 w 10 4 s/s   x 50 w 10 1 s/s
 *     gaps      x 20 w 30
 *
 * Invariant: time without a window is a gap wherever it lies, so that "nothing is known" never reads as "nothing waited".
 */

/** A window of time and what was blocked in it; ascending and not overlapping in a list. Times are Unix ms. */
export interface TimeStripWindow {
  startMs: number;
  endMs: number;
  blockedNs: number;
}

export interface TimeSpan {
  fromMs: number;
  toMs: number;
}

export interface TimeBar {
  xPx: number;
  widthPx: number;
  /** Blocked ns a second: the highest of the windows in the bar. */
  nsPerSecond: number;
}

export interface TimeGap {
  xPx: number;
  widthPx: number;
}

/** Windows end and start within this of each other by clock rounding; a longer distance is a gap. */
const GAP_FROM_MS = 50;

export function barsOf(windows: readonly TimeStripWindow[], span: TimeSpan, widthPx: number): TimeBar[] {
  const bars: TimeBar[] = [];
  const pxPerMs = widthPx / Math.max(1, span.toMs - span.fromMs);
  for (const window of windows) {
    if (window.endMs <= span.fromMs || window.startMs >= span.toMs || window.endMs <= window.startMs)
      continue;
    const nsPerSecond = (window.blockedNs / (window.endMs - window.startMs)) * 1000;
    const left = Math.max(0, Math.round((window.startMs - span.fromMs) * pxPerMs));
    const right = Math.min(widthPx, Math.max(left + 1, Math.round((window.endMs - span.fromMs) * pxPerMs)));
    const before = bars.at(-1);
    if (before !== undefined && left < before.xPx + before.widthPx) {
      before.nsPerSecond = Math.max(before.nsPerSecond, nsPerSecond);
      before.widthPx = Math.max(before.widthPx, right - before.xPx);
    } else if (right > left) bars.push({ xPx: left, widthPx: right - left, nsPerSecond });
  }
  return bars;
}

/** A stretch of the clock that something is known of; ascending and not overlapping in a list. Unix ms. */
export type TimeWindow = Pick<TimeStripWindow, 'startMs' | 'endMs'>;

/** Stretches of the span without a window: before the first, between two, and after the last. */
export function gapsOf(windows: readonly TimeWindow[], span: TimeSpan, widthPx: number): TimeGap[] {
  const gaps: TimeGap[] = [];
  const pxPerMs = widthPx / Math.max(1, span.toMs - span.fromMs);
  for (let index = 0; index <= windows.length; index++) {
    const fromMs = Math.max(span.fromMs, windows[index - 1]?.endMs ?? span.fromMs);
    const toMs = Math.min(span.toMs, windows[index]?.startMs ?? span.toMs);
    if (toMs - fromMs < GAP_FROM_MS) continue;
    const xPx = (fromMs - span.fromMs) * pxPerMs;
    gaps.push({ xPx, widthPx: (toMs - fromMs) * pxPerMs });
  }
  return gaps;
}

/** Below so many bars with waiting there is no telling what is usual. */
const MIN_BARS_TO_CAP = 5;
/** Of the bars with waiting, this share is always drawn whole. */
const WHOLE_SHARE = 0.95;
/** Room above the highest of those. */
const CAP_HEADROOM = 1.2;
/** A highest bar up to this many times the cap is still read beside the others, and drawn whole. */
const CAP_FROM = 1.5;

/**
 * The rate at the top of the strip, ns a second. One wait of hours that ended puts all its time into one window; bars
 * beyond the cap are cut and marked, so that it does not flatten all others.
 */
export function scaleTop(bars: readonly TimeBar[]): number {
  const rates = bars.map(({ nsPerSecond }) => nsPerSecond).filter((rate) => rate > 0);
  rates.sort((a, b) => a - b);
  const highest = rates.at(-1) ?? 0;
  if (rates.length < MIN_BARS_TO_CAP) return highest;
  const cap = rates[Math.floor((rates.length - 1) * WHOLE_SHARE)]! * CAP_HEADROOM;
  return highest > cap * CAP_FROM ? cap : highest;
}

/** The window that holds a time, or undefined in a gap. */
export function windowAt<Window extends TimeWindow>(
  windows: readonly Window[],
  atMs: number,
): Window | undefined {
  let low = 0;
  let high = windows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (windows[middle]!.endMs <= atMs) low = middle + 1;
    else high = middle;
  }
  const window = windows[low];
  return window !== undefined && window.startMs <= atMs ? window : undefined;
}

/** The span widened to whole windows: a window is summed whole or not at all. */
export function wholeWindows(windows: readonly TimeWindow[], span: TimeSpan): TimeSpan {
  const fromMs = Math.min(span.fromMs, span.toMs);
  const toMs = Math.max(span.fromMs, span.toMs);
  const last = windowAt(windows, toMs);
  return {
    fromMs: Math.round(windowAt(windows, fromMs)?.startMs ?? fromMs),
    // An end on a boundary belongs to the window before it.
    toMs: Math.round(last === undefined || last.startMs === toMs ? toMs : last.endMs),
  };
}

/** One edge of a selection moved by a number of windows, within the span and at least a window from the other edge. */
export function movedEdge(
  selection: TimeSpan,
  edge: 'from' | 'to',
  byMs: number,
  within: TimeSpan,
  leastMs: number,
): TimeSpan {
  if (edge === 'from') {
    const fromMs = Math.max(within.fromMs, Math.min(selection.fromMs + byMs, selection.toMs - leastMs));
    return { fromMs, toMs: selection.toMs };
  }
  const toMs = Math.min(within.toMs, Math.max(selection.toMs + byMs, selection.fromMs + leastMs));
  return { fromMs: selection.fromMs, toMs };
}
