/** Owns the order of the rows of a timeline: as threads were made, by name, or by a kind of time in what is shown. */
import { ROW_KINDS, type RowKind } from '@stallscope/profile';
import type { TimelineView } from './timeline-sum';

/** `tid` first: it is the order of making, and stays where it is while windows come. */
export const ROW_ORDERS = ['tid', 'name', 'on-cpu', 'blocked', 'runq', 'preempted'] as const;
export type RowOrder = (typeof ROW_ORDERS)[number];

export function isByTime(order: RowOrder): order is RowKind {
  return order !== 'tid' && order !== 'name';
}

/** Rows of the timeline, first to last. What is equal is in order of tid. */
export function orderRows(timeline: TimelineView, order: RowOrder): number[] {
  const rows = Array.from(timeline.tid.keys());
  if (order === 'name') {
    const { name } = timeline;
    return rows.sort((a, b) => COLLATOR.compare(name[a]!, name[b]!) || a - b);
  }
  if (!isByTime(order)) return rows;
  const ns = timeline.shownNs[ROW_KINDS.indexOf(order)]!;
  return rows.sort((a, b) => ns[b]! - ns[a]! || a - b);
}

/** worker-2 before worker-10. */
const COLLATOR = new Intl.Collator('en-GB', { numeric: true });
