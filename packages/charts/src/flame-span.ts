/**
 * Owns which part of the zoomed frame's row is in view: all of it, or, magnified by pinch, wheel or key, a stretch of it.
 *
 *     whole      0 ──────────────── 1          magnify(whole, 0.5, 4)      0.375 ─── 0.625
 *
 * Invariant: 0 ≤ from < to ≤ 1, at least MIN_SPAN apart.
 */

/** Shares of the row. */
export interface FlameSpan {
  from: number;
  to: number;
}

export const WHOLE_SPAN: FlameSpan = { from: 0, to: 1 };
/** A second of a week and a half: below it, positions of 64-bit floats begin to show. */
export const MIN_SPAN = 1e-6;

export function isWhole({ from, to }: FlameSpan): boolean {
  return from === 0 && to === 1;
}

/** Magnified `factor` times about a point, which stays where it is: a share of the view from its left. */
export function magnify(span: FlameSpan, atShare: number, factor: number): FlameSpan {
  const length = span.to - span.from;
  const next = Math.min(1, Math.max(MIN_SPAN, length / factor));
  return placed(span.from + (length - next) * atShare, next);
}

/** Moved by a share of the view; positive shows what is to the right. */
export function shift(span: FlameSpan, byShare: number): FlameSpan {
  const length = span.to - span.from;
  return placed(span.from + byShare * length, length);
}

/** The same magnification, moved so that a part of the row is in view, its middle where it does not fit. */
export function reveal(span: FlameSpan, part: FlameSpan): FlameSpan {
  if (part.from >= span.from && part.to <= span.to) return span;
  const length = span.to - span.from;
  return placed((part.from + part.to - length) / 2, length);
}

function placed(from: number, length: number): FlameSpan {
  // Shown in full is exactly so: what is asked of a whole span is an equality.
  if (length >= 1) return WHOLE_SPAN;
  const at = Math.min(1 - length, Math.max(0, from));
  return { from: at, to: Math.min(1, at + length) };
}
