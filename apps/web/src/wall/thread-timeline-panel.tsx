'use client';
/**
 * Owns the panel of the wall view over its graph: what each thread of the chosen process was at, and the stretch of time of
 * all views. Without a process it says how to choose one.
 */
import {
  formatNs,
  Legend,
  ThreadTimelineChart,
  type TimelinePoint,
  timelineCellAt,
} from '@stallscope/charts';
import { LIFE_STEPS, ROW_KINDS } from '@stallscope/profile';
import { type ReactElement, useCallback, useMemo, useRef, useState } from 'react';
import { useTheme } from '../controls/theme';
import type { WaitTable } from '../live/live-messages';
import type { Selection } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { holdOrder, type Places, placesOf } from '../viewer/held-order';
import { plural } from '../words/words';
import { isByTime, orderRows, ROW_ORDERS, type RowOrder } from './row-order';
import type { TimelineView } from './timeline-sum';
import { cellWords, gapWords } from './timeline-words';

export interface ThreadTimelinePanelProps {
  timeline: TimelineView | null;
  selection: Selection;
  acts: SelectionActs;
  /** Of the span, to choose one. */
  processes: WaitTable;
  ofWhom: string;
}

/** Processes offered where none is chosen. */
const MOST_OFFERED = 4;
const LIFE_ROLES = ['kind'] as const;

const ORDER_NAMES: Readonly<Record<RowOrder, string>> = {
  tid: 'thread id',
  name: 'name',
  ...LIFE_STEPS,
};

export function ThreadTimelinePanel(props: ThreadTimelinePanelProps): ReactElement | null {
  const { timeline, selection, acts, ofWhom } = props;
  if (selection.p === null) return <NoProcess {...props} />;
  if (timeline === null || timeline.tgid !== selection.p) return null;
  if (timeline.tid.length === 0) {
    const isUncounted = timeline.gaps.some(({ reason }) => reason === 'no-counters');
    return (
      <section className="panel px-3 py-2 text-dull" aria-label="Threads over time">
        {isUncounted
          ? 'Threads over time: what each thread was at was not recorded; recordings of earlier versions do not have it.'
          : `Threads over time: no thread of ${ofWhom} was alive here.`}{' '}
        <button type="button" className="underline" onClick={() => acts.toProcess(null)}>
          All processes
        </button>
      </section>
    );
  }
  return <Timeline timeline={timeline} selection={selection} acts={acts} ofWhom={ofWhom} />;
}

function Timeline({
  timeline,
  selection,
  acts,
  ofWhom,
}: Pick<ThreadTimelinePanelProps, 'selection' | 'acts' | 'ofWhom'> & {
  timeline: TimelineView;
}): ReactElement {
  const theme = useTheme();
  const [pointed, setPointed] = useState<TimelinePoint | null>(null);
  const isPointed = pointed !== null;
  /** While somebody points into it, rows stay where they are. */
  const held = useRef<Places | null>(null);
  const { threads: sort } = selection;
  const order = useMemo(() => {
    const rows = orderRows(timeline, sort);
    const keyOf = (row: number): string => String(timeline.tid[row]);
    if (!isPointed || !isByTime(sort)) {
      held.current = placesOf(rows, keyOf);
      return rows;
    }
    return holdOrder(rows, keyOf, held.current ?? placesOf(rows, keyOf));
  }, [timeline, sort, isPointed]);
  const detailOf = useCallback(
    (row: number): string =>
      isByTime(sort) ? toNs(timeline.shownNs[ROW_KINDS.indexOf(sort)]![row]!) : String(timeline.tid[row]),
    [timeline, sort],
  );
  const { from, to } = selection;
  const chosen = from !== null && to !== null && from < to ? { fromMs: from, toMs: to } : null;
  const leftOut =
    timeline.leftOut > 0
      ? ` Of more than ${(timeline.tid.length + timeline.leftOut).toLocaleString('en-GB')} those that lived longest are here.`
      : '';
  const cell = pointed === null ? null : timelineCellAt(timeline, pointed);
  return (
    <section className="panel px-3 pt-1.5 pb-1" aria-label="Threads over time">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-0.5">
        <h2 className="text-dull text-small">
          <strong className="text-ink">{plural(timeline.tid.length, 'thread')}</strong> of {ofWhom},{' '}
          {columnWords(timeline)}
          <span className="max-sm:hidden"> · drag to choose a stretch for all views</span>
          {leftOut}
        </h2>
        <div className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
          <Legend theme={theme} roles={LIFE_ROLES} />
          <label className="text-dull text-small">
            order{' '}
            <select
              className="control h-6"
              aria-label="Order of threads"
              value={sort}
              onChange={({ target }) => acts.amend({ threads: target.value as RowOrder })}
            >
              {ROW_ORDERS.map((each) => (
                <option key={each} value={each}>
                  {ORDER_NAMES[each]}
                </option>
              ))}
            </select>
          </label>
        </div>
      </div>
      <p className="min-h-[1.4em] text-small max-sm:min-h-[2.8em]" aria-label="Cell" role="note">
        {pointed?.gap ? (
          gapWords(pointed.gap)
        ) : cell !== null ? (
          cellWords(timeline, cell)
        ) : (
          <span className="text-dull">
            {chosen === null ? (
              'Point at a cell for its exact times; a click on a name shows its thread alone.'
            ) : (
              <>
                All views are of the stretch that is marked.{' '}
                <button type="button" className="underline" onClick={() => acts.go({ from: null, to: null })}>
                  Show all
                </button>
              </>
            )}
          </span>
        )}
      </p>
      <div className="mt-0.5">
        <ThreadTimelineChart
          timeline={timeline}
          order={order}
          detailOf={detailOf}
          selection={chosen}
          chosenTid={selection.t}
          theme={theme}
          ariaLabel={`What each thread of ${ofWhom} was at, over time. Arrows move by cell, Enter chooses it, Shift with an arrow a longer stretch; Home goes to the first, left of it is the thread's name`}
          wordsOf={(cell) => cellWords(timeline, cell)}
          onSelect={(stretch) => {
            if (stretch !== null) acts.go({ from: stretch.fromMs, to: stretch.toMs });
            else acts.go({ from: null, to: null });
          }}
          onChooseThread={(row) => {
            const tid = timeline.tid[row]!;
            acts.toThread(timeline.tgid, tid === selection.t ? null : tid);
          }}
          onPoint={setPointed}
        />
      </div>
    </section>
  );
}

function NoProcess({ processes, acts }: ThreadTimelinePanelProps): ReactElement {
  const offered = processes.tgid.slice(0, MOST_OFFERED);
  return (
    <section
      className="panel flex flex-wrap items-center gap-x-2 gap-y-1 px-3 py-1.5 text-dull text-small"
      aria-label="Threads over time"
    >
      <span>What each thread was at over time: choose a process,</span>
      {offered.map((tgid, index) => (
        <button key={tgid} type="button" className="control h-6" onClick={() => acts.toProcess(tgid)}>
          {processes.name[index] || '(no name)'} <span className="text-dull">{tgid}</span>
        </button>
      ))}
      <span>or one of the table below.</span>
    </section>
  );
}

function toNs(ns: number): string {
  return ns === 0 ? '0' : formatNs(ns);
}

/** `a column each 1.00 s`; windows of a busy agent, and those that a hub merged, are of many lengths. */
function columnWords({ startMs, endMs }: TimelineView): string {
  const lengths = Array.from(startMs, (start, column) => endMs[column]! - start).sort((a, b) => a - b);
  const median = lengths[Math.floor(lengths.length / 2)] ?? 0;
  const isEven =
    lengths.filter((length) => Math.abs(length / median - 1) > 0.1).length <= lengths.length / 10;
  if (!isEven) return 'a column each window';
  // Some microseconds more or less.
  return `a column each ${formatNs((median < 100 ? median : Math.round(median / 50) * 50) * 1e6)}`;
}
