/**
 * Owns the order of frames in each view: one row of the tables becomes one path, root first.
 * Invariant: a row that matches a query gives exactly one path in every view, so the totals of all views agree.
 *
 * One blocked row, its waker woken by a timer, in each view:
 *
 *     off-cpu   app; main; read; -; vfs_read
 *     wakeup    writer; run; write; -; pipe_write; app
 *     off-wake  app; main; read; -; vfs_read; --; pipe_write; -; write; run; writer
 *     chain     app; main; read; -; vfs_read; --; pipe_write; -; write; run; writer; --; hrtimer_run; [timer]
 *
 * and samples of a thread that ran, in the view of their own:
 *
 *     cpu       app; main; parse; -; page_fault
 *
 * and what a thread was at in each instant (wall.ts makes the rows), waits and all:
 *
 *     wall      app; blocked; main; read; -; vfs_read
 *     wall      app; on CPU; [not sampled]
 *
 * - `-` stands between user and kernel frames only where both exist, as bcc's `offcputime -d` has it; the same
 *   inside each waker level.
 * - `[no stack]` stands for frames where a task has neither a user nor a kernel stack. An interrupt may have none:
 *   its name says all.
 * - A run-queue or preempted wait ends in `[run-queue wait]` or `[preempted]`, so that kinds selected together stay
 *   told apart. It has no waker, so nothing follows, in any view.
 * - A blocked row without a chain has `[waker unknown]` in the waker's place.
 * - chain says how it ends: `[chain cut at N wakers]` (N levels are shown) or `[waker's own wait not sampled]`, after a
 *   `--`; nothing where the last waker is the cause.
 */
import {
  CHAIN_ENDS,
  type FrameKindCode,
  KINDS,
  NONE,
  ROW_KINDS,
  type RowKind,
  STATES,
  type UnnamedCode,
} from './kinds.js';
import type { Query, Role } from './query.js';
import type { ChainNode, ProfileTables } from './tables.js';
import type { GroupKey, WhoFilter, WhoseRow } from './who-table.js';
import type { Rows } from './window.js';

/** Takes the steps of one path, root first. `module` is '' where there is none, `kind` of a frame that has none is native. */
export type PathSink = (
  label: string,
  role: Role,
  unnamed: UnnamedCode,
  module: string,
  kind?: FrameKindCode,
) => void;

/** The columns of a row that decide its path; the others only decide whether it is shown and what it adds. */
export type PathRows = Pick<Rows, 'tgid' | 'tid' | 'comm' | 'kind' | 'userStack' | 'kernelStack' | 'chain'>;

export function projectRow(
  tables: ProfileTables,
  rows: PathRows,
  i: number,
  query: Pick<Query, 'view' | 'groupBy'>,
  sink: PathSink,
): void {
  const comm = tables.strings[rows.comm[i]!]!;
  if (query.groupBy !== undefined) {
    sink(groupOfRow(tables, rows, i, query.groupBy), 'group', 0, '');
  }
  const chain = rows.chain[i]!;
  if (query.view === 'wakeup') {
    if (chain === NONE) {
      sink(WAKER_UNKNOWN, 'marker', 0, '');
    } else {
      const waker = tables.chains[chain]!;
      sink(tables.strings[waker.comm]!, 'waker-comm', 0, '');
      if (lacksStack(waker)) sink(NO_STACK, 'marker', 0, '');
      rootToLeaf(tables, waker.userStack, waker.kernelStack, WAKER_ROLES, sink);
    }
    sink(comm, 'comm', 0, '');
    return;
  }
  sink(comm, 'comm', 0, '');
  const userStack = rows.userStack[i]!;
  const kernelStack = rows.kernelStack[i]!;
  if (query.view === 'wall') {
    sink(LIFE_STEPS[ROW_KINDS[rows.kind[i]!]!], 'kind', 0, '');
    if (userStack === NONE && kernelStack === NONE) sink(NOT_SAMPLED, 'marker', 0, '');
    rootToLeaf(tables, userStack, kernelStack, TARGET_ROLES, sink);
    return;
  }
  if (userStack === NONE && kernelStack === NONE) sink(NO_STACK, 'marker', 0, '');
  rootToLeaf(tables, userStack, kernelStack, TARGET_ROLES, sink);
  const kind = ROW_KINDS[rows.kind[i]!]!;
  if (kind === 'on-cpu') return;
  if (kind !== 'blocked') {
    sink(kind === 'runq' ? RUN_QUEUE_WAIT : PREEMPTED, 'marker', 0, '');
    return;
  }
  if (query.view === 'off-cpu') return;
  if (chain === NONE) {
    separated(WAKER_UNKNOWN, sink);
    return;
  }
  const maxLevels = query.view === 'off-wake' ? 1 : Number.POSITIVE_INFINITY;
  let level = 0;
  let at = chain;
  while (at !== NONE) {
    const waker = tables.chains[at]!;
    sink('--', 'separator', 0, '');
    if (lacksStack(waker)) sink(NO_STACK, 'marker', 0, '');
    leafToRoot(tables, waker, sink);
    sink(tables.strings[waker.comm]!, 'waker-comm', 0, '');
    level++;
    if (level === maxLevels) return;
    const end = CHAIN_ENDS[waker.end]!;
    if (end === 'cut') separated(`[chain cut at ${level} ${level === 1 ? 'waker' : 'wakers'}]`, sink);
    if (end === 'unsampled') separated(WAIT_NOT_SAMPLED, sink);
    at = end === 'linked' ? waker.parent : NONE;
  }
}

/** The label of the step that a row is below in a grouped view. */
export function groupOfRow(
  tables: ProfileTables,
  rows: Pick<Rows, 'tgid' | 'tid' | 'comm'>,
  i: number,
  key: GroupKey,
): string {
  return tables.who.groupOf(key, toWhose(tables, rows, i));
}

function toWhose(tables: ProfileTables, rows: Pick<Rows, 'tgid' | 'tid' | 'comm'>, i: number): WhoseRow {
  return { tgid: rows.tgid[i]!, tid: rows.tid[i]!, comm: tables.strings[rows.comm[i]!]! };
}

/** Whether a row is part of what a query shows. */
export function matchesRow(tables: ProfileTables, rows: Rows, i: number, query: Query): boolean {
  return toRowMatcher(tables, query)(rows, i);
}

/** `matchesRow` for many rows of one query. */
export function toRowMatcher(tables: ProfileTables, query: Query): (rows: Rows, i: number) => boolean {
  const kinds = ROW_KINDS.map((kind) => selectedKinds(query).includes(kind));
  const states = query.states && STATES.map((state) => query.states?.includes(state));
  const tgids = query.tgids && new Set(query.tgids);
  const tids = query.tids && new Set(query.tids);
  const { comm } = query;
  const isWanted = query.who && toWhoMatcher(tables, query.who);
  return (rows, i) =>
    kinds[rows.kind[i]!] === true &&
    (states === undefined || rows.kind[i] !== BLOCKED || states[rows.state[i]!] === true) &&
    (tgids === undefined || tgids.has(rows.tgid[i]!)) &&
    (tids === undefined || tids.has(rows.tid[i]!)) &&
    (comm === undefined || tables.strings[rows.comm[i]!] === comm) &&
    (isWanted === undefined || isWanted(rows, i));
}

/** Worked out once a thread: a row asks who by its thread alone. */
export function toWhoMatcher(
  tables: ProfileTables,
  who: WhoFilter,
): (rows: Pick<Rows, 'tgid' | 'tid' | 'comm'>, i: number) => boolean {
  const asked = (Object.entries(who) as [GroupKey, string][]).filter(([, value]) => value !== undefined);
  const known = new Map<string, boolean>();
  return (rows, i) => {
    const key = `${rows.tgid[i]} ${rows.tid[i]} ${rows.comm[i]}`;
    let isWanted = known.get(key);
    if (isWanted === undefined) {
      const whose = toWhose(tables, rows, i);
      isWanted = asked.every(([one, value]) => tables.who.matches(one, whose, value));
      known.set(key, isWanted);
    }
    return isWanted;
  };
}

/**
 * The kinds that a query sums: a waker ends a block and nothing else, so the wakeup view has no other kind; the view of
 * what ran has no wait.
 */
export function selectedKinds(query: Pick<Query, 'view' | 'kinds'>): readonly RowKind[] {
  if (query.view === 'cpu') return ['on-cpu'];
  if (query.view === 'wall') return ROW_KINDS;
  return query.view === 'wakeup' ? ['blocked'] : query.kinds;
}

const BLOCKED = KINDS.indexOf('blocked');

export const WAKER_UNKNOWN = '[waker unknown]';
const WAIT_NOT_SAMPLED = "[waker's own wait not sampled]";
export const RUN_QUEUE_WAIT = '[run-queue wait]';
export const PREEMPTED = '[preempted]';
export const NO_STACK = '[no stack]';
/** Time of a thread of which no stack is known: it ran, or waited, too shortly for any sample to find it. */
export const NOT_SAMPLED = '[not sampled]';

/** Labels of the steps of role `kind`. */
export const LIFE_STEPS: Readonly<Record<RowKind, string>> = {
  'on-cpu': 'on CPU',
  blocked: 'blocked',
  runq: 'run queue',
  preempted: 'preempted',
};

interface StackRoles {
  user: Role;
  kernel: Role;
}
const TARGET_ROLES: StackRoles = { user: 'user', kernel: 'kernel' };
const WAKER_ROLES: StackRoles = { user: 'waker-user', kernel: 'waker-kernel' };

function rootToLeaf(
  tables: ProfileTables,
  userStack: number,
  kernelStack: number,
  roles: StackRoles,
  sink: PathSink,
): void {
  emitFrames(tables, tables.framesLeafFirst(userStack).reverse(), roles.user, sink);
  if (userStack !== NONE && kernelStack !== NONE) sink('-', 'separator', 0, '');
  emitFrames(tables, tables.framesLeafFirst(kernelStack).reverse(), roles.kernel, sink);
}

function leafToRoot(tables: ProfileTables, { userStack, kernelStack }: ChainNode, sink: PathSink): void {
  emitFrames(tables, tables.framesLeafFirst(kernelStack), WAKER_ROLES.kernel, sink);
  if (userStack !== NONE && kernelStack !== NONE) sink('-', 'separator', 0, '');
  emitFrames(tables, tables.framesLeafFirst(userStack), WAKER_ROLES.user, sink);
}

function lacksStack({ userStack, kernelStack, end }: ChainNode): boolean {
  return userStack === NONE && kernelStack === NONE && CHAIN_ENDS[end] !== 'interrupt';
}

function emitFrames(tables: ProfileTables, frames: readonly number[], role: Role, sink: PathSink): void {
  for (const frame of frames) {
    const module = tables.strings[tables.frameModule[frame]!]!;
    sink(tables.frameLabel(frame), role, tables.frameUnnamed[frame]!, module, tables.frameKind[frame]!);
  }
}

function separated(marker: string, sink: PathSink): void {
  sink('--', 'separator', 0, '');
  sink(marker, 'marker', 0, '');
}
