/** Owns how one side of a difference is put in words: whose it is, of which processes, and when. */
import { formatNs } from '@stallscope/charts';
import { plural, toClock, toClockMs, toDate } from '../words/words';
import type { SideFacts } from './difference-messages';

export function processWords({ processes }: Pick<SideFacts, 'processes'>): string {
  if (processes === null) return 'all processes';
  const { name, tgids } = processes;
  if (tgids.length === 0) return 'no process of that name';
  if (tgids.length === 1) return `${name || 'process'} ${tgids[0]}`;
  return `${name} (${plural(tgids.length, 'process', 'processes')})`;
}

export function threadWords({ thread }: Pick<SideFacts, 'thread'>): string | null {
  return thread === null ? null : `thread ${thread.name === '' ? '' : `${thread.name} `}${thread.tid}`;
}

/** `10:41:03 – 10:41:33`, with the day where it is not that of `nowMs`. */
export function timeWords(
  { fromMs, toMs, stretch }: Pick<SideFacts, 'fromMs' | 'toMs' | 'stretch'>,
  nowMs: number | null,
): string {
  // As the strip over it tells it: a profile lasts milliseconds, and may not say when it was recorded.
  if (stretch !== null) return `${fromStart(stretch.fromNs)} – ${fromStart(stretch.toNs)} of the profile`;
  if (fromMs === null) return 'time not known';
  const day = nowMs === null || toDate(fromMs) === toDate(nowMs) ? '' : `${toDate(fromMs)} `;
  if (toMs === null) return `from ${day}${toClock(fromMs)}`;
  // A stretch of CPU samples may lie within a second.
  const clock = toMs - fromMs < FINE_BELOW_MS ? toClockMs : toClock;
  return `${day}${clock(fromMs)} – ${clock(toMs)}`;
}

/** Shorter stretches are told to the millisecond. */
const FINE_BELOW_MS = 5000;

function fromStart(ns: number): string {
  return ns === 0 ? '0' : formatNs(ns);
}

/** How far back a base lies: `5 min`, `30 s`, `240 ms`. */
export function agoWords(agoMs: number): string {
  if (agoMs < 10_000 && agoMs % 1000 !== 0) return formatNs(agoMs * 1e6);
  return agoMs % 60_000 === 0 ? `${agoMs / 60_000} min` : `${Math.round(agoMs / 1000)} s`;
}

/** How much of the stretch there is: `30.0 s in 30 windows`. */
export function coveredWords({ coveredMs, windows }: Pick<SideFacts, 'coveredMs' | 'windows'>): string {
  if (coveredMs === null) return 'length not known';
  const length = formatNs(coveredMs * 1e6);
  return windows === null ? length : `${length} in ${plural(windows, 'window')}`;
}

/** Of different lengths by more than windows at the edges make: their times cannot be compared as they are. */
export function isUnequallyLong(a: SideFacts, b: SideFacts): boolean {
  if (a.coveredMs === null || b.coveredMs === null || a.coveredMs === 0 || b.coveredMs === 0) return false;
  const ratio = a.coveredMs / b.coveredMs;
  return ratio > UNEQUAL_RATIO || ratio < 1 / UNEQUAL_RATIO;
}

const UNEQUAL_RATIO = 1.1;
