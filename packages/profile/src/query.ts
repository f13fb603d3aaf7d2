/** Owns what a view asks of the rows; the same query means the same rows in the CLI, the hub and the browser. */
import type { Kind, State } from './kinds.js';
import type { GroupKey, WhoFilter } from './who-table.js';

/** Where threads waited and who ended it: projections of the same waits. */
export const WAIT_VIEWS = ['off-cpu', 'wakeup', 'off-wake', 'chain'] as const;
export type WaitView = (typeof WAIT_VIEWS)[number];

/** Those, and what is not of waits alone. */
export const VIEWS = [...WAIT_VIEWS, 'cpu', 'wall'] as const;
export type View = (typeof VIEWS)[number];

export function isWaitView(view: View): view is WaitView {
  return (WAIT_VIEWS as readonly View[]).includes(view);
}

export interface Query {
  view: View;
  /**
   * Kinds of waits whose time is summed. Wakeup counts blocked time only, whatever is asked: a waker ends nothing else; cpu
   * counts no waits at all, wall every instant of a thread.
   */
  kinds: readonly Kind[];
  /** Task states of blocked rows to keep; absent keeps all. Rows of other kinds have state R and are kept. */
  states?: readonly State[];
  /** Processes whose waits are shown; absent shows all. */
  tgids?: readonly number[];
  tids?: readonly number[];
  /** Thread name, exactly. */
  comm?: string;
  /** Whose rows are shown; absent shows all. Wakers are not looked at: it is the one who waited or ran. */
  who?: WhoFilter;
  /** A step under the root that says whose rows are below it. */
  groupBy?: GroupKey;
}

/** What a node of a flame graph stands for; colours and the reader's help come from it, never from the label. */
export const ROLES = [
  'root',
  'comm',
  'user',
  'kernel',
  'separator',
  'waker-kernel',
  'waker-user',
  'waker-comm',
  'marker',
  'group',
  /** What a thread was at: on a CPU, or one of the kinds of waits. */
  'kind',
] as const;
export type Role = (typeof ROLES)[number];
