/**
 * Owns where the cells of a timeline of threads lie, and how high each kind is in them.
 *
 *     17 px ┌──────────┬────┐   a cell is as wide as the thread lived in its column, and its area is time: what a thread is
 *           │ blocked  │    │   not known to have lived of it stays empty. Kinds lie on each other in the order of LIFE_ORDER,
 *           │ on CPU   │ ┌──│   which says nothing about their order in time.
 *           └──────────┴─┴──┘
 */
import { LIFE_KINDS, ROW_KINDS, type ThreadTimeline } from '@stallscope/profile';
import { LIFE_ORDER } from './palette.js';

export interface TimelineStretch {
  fromMs: number;
  toMs: number;
}

/** Indexes into ROW_KINDS, from the foot of a cell upwards. */
export const LIFE_STACK: readonly number[] = LIFE_ORDER.map((kind) => ROW_KINDS.indexOf(kind));

/** ns of each kind, by index of ROW_KINDS. */
export function cellLife({ lifeNs, startMs }: ThreadTimeline, row: number, column: number): Float32Array {
  const at = (row * startMs.length + column) * LIFE_KINDS;
  return lifeNs.subarray(at, at + LIFE_KINDS);
}

/** Where in its column a thread lived; null where it did not. */
export function cellStretch(timeline: ThreadTimeline, row: number, column: number): TimelineStretch | null {
  let livedNs = 0;
  for (const ns of cellLife(timeline, row, column)) livedNs += ns;
  if (livedNs === 0) return null;
  const startMs = timeline.startMs[column]!;
  const endMs = timeline.endMs[column]!;
  const bornMs = timeline.bornMs[row]!;
  const diedMs = timeline.diedMs[row]!;
  return {
    fromMs: bornMs > startMs && bornMs < endMs ? bornMs : startMs,
    toMs: diedMs > startMs && diedMs < endMs ? diedMs : endMs,
  };
}

/**
 * Edges of the kinds of a cell, device px from its foot, one more than kinds: as high as each kind's share of the stretch.
 * Each edge is rounded by itself, so that a cell that was lived whole is filled whole.
 */
export function bandEdges(lifeNs: Float32Array, stretch: TimelineStretch, heightPx: number): number[] {
  let livedNs = 0;
  for (const ns of lifeNs) livedNs += ns;
  // Clocks of a window and of its counters differ by microseconds.
  const wholeNs = Math.max(livedNs, (stretch.toMs - stretch.fromMs) * 1e6 * (1 - CLOCK_SLACK));
  const edges = [0];
  let sumNs = 0;
  for (const kind of LIFE_STACK) {
    sumNs += lifeNs[kind]!;
    edges.push(wholeNs === 0 ? 0 : Math.round((sumNs / wholeNs) * heightPx));
  }
  // However short a life was, it is seen.
  if (livedNs > 0 && edges.at(-1) === 0) edges[edges.length - 1] = 1;
  return edges;
}

/** The column at an instant, the nearest where there is none; -1 without columns. */
export function columnAt({ startMs, endMs }: ThreadTimeline, atMs: number): number {
  let low = 0;
  let high = startMs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (endMs[middle]! <= atMs) low = middle + 1;
    else high = middle;
  }
  if (low === startMs.length) return startMs.length - 1;
  if (startMs[low]! > atMs && low > 0 && atMs - endMs[low - 1]! < startMs[low]! - atMs) return low - 1;
  return low;
}

/** From the one column to the other, whole, whichever came first; whole ms, as an address writes them. */
export function stretchOf({ startMs, endMs }: ThreadTimeline, a: number, b: number): TimelineStretch {
  return {
    fromMs: Math.floor(startMs[Math.min(a, b)]!),
    toMs: Math.ceil(endMs[Math.max(a, b)]!),
  };
}

const CLOCK_SLACK = 0.02;
