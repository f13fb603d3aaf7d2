/** Owns what the timeline of threads says: of a cell, of a thread, of a stretch without data. */
import { formatExactNs, formatNs, formatPercent, LIFE_ORDER, type TimelineCell } from '@stallscope/charts';
import {
  type GapReason,
  LIFE_KINDS,
  LIFE_STEPS,
  ROW_KINDS,
  type ThreadTimeline,
  type TimelineGap,
} from '@stallscope/profile';
import { plural, toClock, toClockMs } from '../words/words';
import type { TimelineView } from './timeline-sum';

/** Whose a row is. */
export function threadWords({ name, tid }: ThreadTimeline, row: number): string {
  return `${name[row] || '(no name)'} ${tid[row]}`;
}

/** `21:05:10 – 21:05:11`, to the ms where windows are shorter than a second. */
export function stretchWords({ fromMs, toMs }: { fromMs: number; toMs: number }): string {
  const clock = toMs - fromMs < 900 ? toClockMs : toClock;
  return `${clock(fromMs)} – ${clock(toMs)}`;
}

/** Of a cell: kinds that it has, the most first in the order of legends. */
export function kindParts(lifeNs: ArrayLike<number>): { name: string; ns: number; share: number }[] {
  let livedNs = 0;
  for (let kind = 0; kind < LIFE_KINDS; kind++) livedNs += lifeNs[kind]!;
  return LIFE_ORDER.map((kind) => {
    const ns = lifeNs[ROW_KINDS.indexOf(kind)]!;
    return { name: LIFE_STEPS[kind], ns, share: livedNs === 0 ? 0 : ns / livedNs };
  }).filter(({ ns }) => ns > 0);
}

export function lifeOfRow({ shownNs }: TimelineView, row: number): number[] {
  return shownNs.map((column) => column[row]!);
}

export function lifeOfCell({ lifeNs, startMs }: TimelineView, { row, column }: TimelineCell): Float32Array {
  const at = (row * startMs.length + column) * LIFE_KINDS;
  return lifeNs.subarray(at, at + LIFE_KINDS);
}

export function kindsText(lifeNs: ArrayLike<number>): string {
  const parts = kindParts(lifeNs);
  if (parts.length === 0) return 'did not live';
  return parts.map(({ name, ns, share }) => `${name} ${formatNs(ns)} (${formatPercent(share)})`).join(', ');
}

/** What a cell says, whole; with column -1 what a name says: of the stretch that is shown. */
export function cellWords(timeline: TimelineView, cell: TimelineCell): string {
  const { row, column } = cell;
  const whose = threadWords(timeline, row);
  const ends = endWords(timeline, row);
  if (column < 0) {
    const lived = timeline.shownNs.reduce((sum, kind) => sum + kind[row]!, 0);
    const life =
      lived === 0
        ? 'not alive in what is shown'
        : `${formatExactNs(lived)}: ${kindsText(lifeOfRow(timeline, row))}`;
    return [whose, life, ends].filter((words) => words !== '').join(' · ');
  }
  const stretch = { fromMs: timeline.startMs[column]!, toMs: timeline.endMs[column]! };
  const own = endWords(timeline, row, stretch);
  return [whose, stretchWords(stretch), kindsText(lifeOfCell(timeline, cell)), own]
    .filter((words) => words !== '')
    .join(' · ');
}

/** When a thread was born and died, as far as it is within what is known. @param within tells of ends in it alone */
export function endWords(
  { bornMs, diedMs, isInOneWindow, startMs, endMs }: ThreadTimeline,
  row: number,
  within: { fromMs: number; toMs: number } = { fromMs: startMs[0] ?? 0, toMs: endMs.at(-1) ?? 0 },
): string {
  const born = bornMs[row]!;
  const died = diedMs[row]!;
  const isIn = (atMs: number): boolean => atMs >= within.fromMs && atMs <= within.toMs;
  if (isInOneWindow[row] === 1) {
    if (!isIn(died)) return '';
    return Number.isNaN(born)
      ? `ended by ${toClockMs(died)}`
      : `born and ended between ${toClockMs(born)} and ${toClockMs(died)}`;
  }
  return [isIn(born) ? `born ${toClockMs(born)}` : '', isIn(died) ? `ended ${toClockMs(died)}` : '']
    .filter((words) => words !== '')
    .join(', ');
}

const GAP_WORDS: Readonly<Record<GapReason, (windows: number) => string>> = {
  'before-first': () => 'nothing older is held',
  'after-last': () => 'nothing newer is held',
  lost: (windows) =>
    `${plural(windows, 'window')} did not come: lost between agent and page, or no longer held by the hub`,
  'agent-started': () => 'the agent was not running, or began anew',
  'not-measured': () => 'nothing was measured: the agent or the host stood still',
  'no-counters': () => 'recorded by a version that did not count what each thread was at',
};

export function gapWords({ fromMs, toMs, reason, windows }: TimelineGap): string {
  return `no data ${stretchWords({ fromMs, toMs })}: ${GAP_WORDS[reason](windows)}`;
}
