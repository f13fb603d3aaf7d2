/**
 * Owns the numbers beside a flame graph: how much was waited, how far the samples can be trusted, and who waited.
 *
 *     41.2 s waited · sampled 99.6 % ± 0.8 of exact
 *     exactNs         sampledNs / exactNs    standardErrorNs / exactNs
 *
 * Sampled numbers come from rows, exact ones from the counters of threads, which cost no stack and know no state.
 */
import { KINDS, type Kind, type RowKind, STATES, type State } from './kinds.js';
import { selectedKinds, toRowMatcher, toWhoMatcher } from './project.js';
import type { Query } from './query.js';
import { RowAggregate } from './row-aggregate.js';
import { rowCount } from './rows.js';
import type { ProfileTables } from './tables.js';
import { ThreadAggregate } from './thread-aggregate.js';
import { LIFE_COLUMNS, rowsOfView } from './wall.js';
import type { OpenWaits, ProfileWindow, Rows, Threads } from './window.js';

export interface Totals {
  /** Estimated time of the rows that the query shows; equals the root of the flame graph. */
  sampledNs: number;
  varianceNs2: number;
  /** Square root of the variance: two in three samplings fall within this of the truth. 0 when all is exact. */
  standardErrorNs: number;
  /** Intervals whose stacks were captured, and how many intervals they stand for. */
  captures: number;
  estimatedCount: number;
  /** The same time by the exact counters; undefined where they cannot tell, see `exactMissing`. */
  exactNs: number | undefined;
  exactMissing: ExactMissing | undefined;
  /** sampledNs / exactNs and standardErrorNs / exactNs; undefined where exactNs is undefined or 0. */
  ratio: number | undefined;
  ratioError: number | undefined;
}

/** Why there is no exact number: the counters of a thread do not tell task states apart, and are of whole windows. */
export type ExactMissing = 'states-selected' | 'part-of-window';

/** Totals of what a query shows, over rows and counters of the same windows; no counters for a part of a window. */
export function totals(tables: ProfileTables, rows: Rows, threads: Threads | null, query: Query): Totals {
  const matches = toRowMatcher(tables, query);
  let sampledNs = 0;
  let varianceNs2 = 0;
  let captures = 0;
  let estimatedCount = 0;
  const count = rowCount(rows);
  for (let i = 0; i < count; i++) {
    if (!matches(rows, i)) continue;
    sampledNs += rows.estimatedNs[i]!;
    varianceNs2 += rows.varianceNs2[i]!;
    captures += rows.captures[i]!;
    estimatedCount += rows.estimatedCount[i]!;
  }
  const standardErrorNs = Math.sqrt(varianceNs2);
  const exactNs = threads === null ? undefined : toExactNs(tables, threads, query);
  const isComparable = exactNs !== undefined && exactNs > 0;
  return {
    sampledNs,
    varianceNs2,
    standardErrorNs,
    captures,
    estimatedCount,
    exactNs,
    exactMissing: exactNs !== undefined ? undefined : threads === null ? 'part-of-window' : 'states-selected',
    ratio: isComparable ? sampledNs / exactNs : undefined,
    ratioError: isComparable ? standardErrorNs / exactNs : undefined,
  };
}

/** `totals` of a list of windows, for those who keep no span. */
export function windowTotals(tables: ProfileTables, windows: readonly ProfileWindow[], query: Query): Totals {
  const rows = new RowAggregate();
  const threads = new ThreadAggregate();
  for (const window of windows) {
    rows.add({ rows: rowsOfView(window, query.view) });
    threads.add(window);
  }
  return totals(tables, rows.rows(), threads.threads(), query);
}

/** Waits of one process or thread by the exact counters, ns. */
export interface Waits {
  tgid: number;
  /** Process or thread name; '' when no window named it. */
  name: string;
  blockedNs: number;
  runqNs: number;
  preemptedNs: number;
  onCpuNs: number;
  /** Sum over the kinds asked for: what the list is ordered by. */
  waitedNs: number;
}

export interface ProcessWaits extends Waits {
  threadCount: number;
}

export interface ThreadWaits extends Waits {
  tid: number;
}

/** Longest wait first; equal ones by name, then id, so that a live list does not jump. */
export function waitsByProcess(
  tables: ProfileTables,
  threads: Threads,
  processNames: ReadonlyMap<number, string>,
  kinds: readonly RowKind[],
): ProcessWaits[] {
  const processes = new Map<number, ProcessWaits>();
  for (const thread of waitsByThread(tables, threads, kinds)) {
    const process = processes.get(thread.tgid);
    if (process === undefined) {
      const { tid, ...waits } = thread;
      // Unnamed by any window: the leader's own name, else that of the thread that waited longest.
      const name = processNames.get(thread.tgid) ?? thread.name;
      processes.set(thread.tgid, { ...waits, name, threadCount: 1 });
      continue;
    }
    addWaits(process, thread);
    process.threadCount++;
    if (thread.tid === thread.tgid && !processNames.has(thread.tgid)) process.name = thread.name;
  }
  return [...processes.values()].sort(byWaitedNs);
}

/** As `waitsByProcess`, of the threads of `tgids` or of all. */
export function waitsByThread(
  tables: ProfileTables,
  threads: Threads,
  kinds: readonly RowKind[],
  tgids?: readonly number[],
): ThreadWaits[] {
  const wanted = tgids && new Set(tgids);
  const byThread = new Map<number, ThreadWaits>();
  for (let i = 0; i < threads.tid.length; i++) {
    const tgid = threads.tgid[i]!;
    if (wanted !== undefined && !wanted.has(tgid)) continue;
    if (!hasCounted(threads, i)) continue;
    const tid = threads.tid[i]!;
    const name = tables.strings[threads.comm[i]!]!;
    const thread = {
      tgid,
      tid,
      name,
      blockedNs: threads.blockedNs[i]!,
      runqNs: threads.runqNs[i]!,
      preemptedNs: threads.preemptedNs[i]!,
      onCpuNs: threads.onCpuNs[i]!,
      waitedNs: kinds.reduce((sum, kind) => sum + threads[NS_COLUMN[kind]][i]!, 0),
    };
    // Both, as a tid may be used again by another process within a span.
    const key = tgid * TIDS + tid;
    const known = byThread.get(key);
    if (known === undefined) {
      byThread.set(key, thread);
      continue;
    }
    // Renamed within the span: one thread, and the later entry has its newer name.
    addWaits(known, thread);
    known.name = name;
  }
  return [...byThread.values()].sort((a, b) => byWaitedNs(a, b) || a.tid - b.tid);
}

/** One thread off CPU for the whole window: in no total until it ends, so listed apart. */
export interface OpenWait {
  tgid: number;
  tid: number;
  comm: string;
  kind: Kind;
  state: State;
  /** ns so far; a lower bound when `isLowerBound`: the wait began before tracing. */
  elapsedNs: number;
  isLowerBound: boolean;
  userStack: number;
  kernelStack: number;
}

/** Open waits that a query shows, longest first. `openWaits` are those of the newest window. */
export function openWaitsOf(tables: ProfileTables, openWaits: OpenWaits, query: Query): OpenWait[] {
  const kinds = selectedKinds(query);
  const found: OpenWait[] = [];
  for (let i = 0; i < openWaits.tid.length; i++) {
    const tgid = openWaits.tgid[i]!;
    const tid = openWaits.tid[i]!;
    const comm = tables.strings[openWaits.comm[i]!]!;
    const kind = KINDS[openWaits.kind[i]!]!;
    const state = STATES[openWaits.state[i]!]!;
    if (!kinds.includes(kind)) continue;
    if (kind === 'blocked' && query.states?.includes(state) === false) continue;
    if (query.tgids?.includes(tgid) === false || query.tids?.includes(tid) === false) continue;
    if (query.comm !== undefined && query.comm !== comm) continue;
    found.push({
      tgid,
      tid,
      comm,
      kind,
      state,
      elapsedNs: openWaits.elapsedNs[i]!,
      isLowerBound: openWaits.sinceBeforeTracing[i] === 1,
      userStack: openWaits.userStack[i]!,
      kernelStack: openWaits.kernelStack[i]!,
    });
  }
  return found.sort((a, b) => b.elapsedNs - a.elapsedNs || a.tid - b.tid);
}

/** PID_MAX_LIMIT of 64-bit kernels: every tid is below. */
const TIDS = 2 ** 22;

const NS_COLUMN = {
  blocked: 'blockedNs',
  runq: 'runqNs',
  preempted: 'preemptedNs',
  'on-cpu': 'onCpuNs',
} as const satisfies Record<RowKind, keyof Threads>;

function toExactNs(tables: ProfileTables, threads: Threads, query: Query): number | undefined {
  const kinds = selectedKinds(query);
  if (query.states !== undefined && kinds.includes('blocked')) return undefined;
  const isOfLives = query.view === 'wall';
  const tgids = query.tgids && new Set(query.tgids);
  const tids = query.tids && new Set(query.tids);
  const isWanted = query.who && toWhoMatcher(tables, query.who);
  const columns = isOfLives
    ? LIFE_COLUMNS.map((column) => threads[column])
    : kinds.map((kind) => columnOf(threads, kind));
  let exactNs = 0;
  for (let i = 0; i < threads.tid.length; i++) {
    if (tgids !== undefined && !tgids.has(threads.tgid[i]!)) continue;
    if (tids !== undefined && !tids.has(threads.tid[i]!)) continue;
    if (query.comm !== undefined && tables.strings[threads.comm[i]!] !== query.comm) continue;
    if (isWanted !== undefined && !isWanted(threads, i)) continue;
    for (const column of columns) exactNs += column[i]!;
  }
  return exactNs;
}

/** A thread that slept through the window lived, and ended no wait. */
/** Of a part of the waits, all of some thread may be counted and none sampled. */
function hasCounted(threads: Threads, i: number): boolean {
  return COUNTED_COLUMNS.some((column) => threads[column][i]! > 0);
}

const COUNTED_COLUMNS = [
  'blockedNs',
  'runqNs',
  'preemptedNs',
  'onCpuNs',
  'blockedCount',
  'runqCount',
  'preemptedCount',
] as const satisfies readonly (keyof Threads)[];

/**
 * Samples are of the time within a window; so is their control, where it is known. A thread that never left the CPU is in
 * the other column only once it has.
 */
function columnOf(threads: Threads, kind: RowKind): readonly number[] {
  const isKnown = kind === 'on-cpu' && threads.onCpuInWindowNs.some((ns) => ns > 0);
  return isKnown ? threads.onCpuInWindowNs : threads[NS_COLUMN[kind]];
}

function addWaits(sum: Waits, added: Waits): void {
  sum.blockedNs += added.blockedNs;
  sum.runqNs += added.runqNs;
  sum.preemptedNs += added.preemptedNs;
  sum.onCpuNs += added.onCpuNs;
  sum.waitedNs += added.waitedNs;
}

function byWaitedNs(a: Waits, b: Waits): number {
  if (a.waitedNs !== b.waitedNs) return b.waitedNs - a.waitedNs;
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.tgid - b.tgid;
}
