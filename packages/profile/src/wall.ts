/**
 * Owns the rows of the wall view: what each thread did in each instant of a window, with where it did it. Pure.
 *
 *     window   |-------------------------------|
 *     waits  =====a=====       ===b===      ======c====      a began before it, c is not over
 *     on CPU             ~~~~~~       ~~~~~~
 *     rows     |==a=====~~~~~~ ===b===~~~~~ ===c|            together as long as the window
 *
 * Three things are known of a thread: exact counters of the time of each kind within the window, waits that ended in it,
 * with stacks and whole, as sampled; and the wait that it was in at the end, with its stack. So, of each kind:
 *
 * - the wait that is not over has the time since it began, or since the window did;
 * - what is left of the counters is shared by the waits that ended, in proportion to what was sampled of them. What they
 *   last longer than that lay before the window, all of it in the first of them: it is taken from the longest;
 * - time on a CPU is shared by the samples of it;
 * - where there is no stack to give time to, it has none: the view says `[not sampled]`.
 *
 * Invariant: the rows of a thread add up to its counters to the nanosecond, kind by kind. How a kind is shared by stacks is
 * an estimate, the kinds are not. A thread without counters (a file of an older version, a thread that was lost) has no row.
 * Rows have no chain and no bucket: they are of no wait that ended.
 */
import { bucketOf, octaveOfBucket } from '@stallscope/latency';
import { KINDS, NONE, ON_CPU, ROW_KINDS, STATES } from './kinds.js';
import { toWhoMatcher } from './project.js';
import type { Query, View } from './query.js';
import { appendRow, emptyRows } from './rows.js';
import type { ProfileTables } from './tables.js';
import { TupleIndex } from './tuple-index.js';
import { formatNs } from './value-text.js';
import type { ProfileWindow, Rows, Threads } from './window.js';

export type WallWindow = Pick<ProfileWindow, 'rows' | 'threads' | 'openWaits' | 'startMs' | 'endMs'>;

/** Columns of a thread's life, by index of ROW_KINDS. */
export const LIFE_COLUMNS = [
  'blockedInWindowNs',
  'runqInWindowNs',
  'preemptedInWindowNs',
  'onCpuInWindowNs',
] as const satisfies readonly (keyof Threads)[];

/** The rows that a view is a projection of. */
export function rowsOfView(window: WallWindow, view: View): Rows {
  return view === 'wall' ? toWallRows(window) : window.rows;
}

export function toWallRows(window: WallWindow): Rows {
  const { rows, openWaits } = window;
  const lives = new Lives(window.threads);
  const rowsOf = lives.group(rows);
  const openOf = lives.group(openWaits);
  const windowNs = (window.endMs - window.startMs) * 1e6;
  const wall = emptyRows();
  for (let thread = 0; thread < lives.count; thread++) {
    const own = rowsOf[thread] ?? [];
    const open = openOf[thread]?.[0];
    const cgroup = own.length === 0 ? 0 : rows.cgroup[own[0]!]!;
    for (let kind = 0; kind < ROW_KINDS.length; kind++) {
      const livedNs = lives.livedNs[thread]![kind]!;
      if (livedNs === 0) continue;
      const ofKind = own.filter((row) => rows.kind[row] === kind && rows.estimatedNs[row]! > 0);
      const isOpen = open !== undefined && openWaits.kind[open] === kind;
      let openNs = isOpen ? Math.min(livedNs, openWaits.elapsedNs[open]!, Math.round(windowNs)) : 0;
      let sharedNs = livedNs - openNs;
      const weights = ofKind.map((row) => rows.estimatedNs[row]!);
      if (kind !== ON_CPU) {
        const endedNs = lives.endedNs[thread]![kind]!;
        takeLongest(rows, ofKind, weights, endedNs - sharedNs);
        // More than all that ended: it is in a wait that is not over, of which the last stack is the best that is known.
        if (open !== undefined && sharedNs > endedNs) {
          openNs += sharedNs - endedNs;
          sharedNs = endedNs;
        }
      }
      share(sharedNs, weights, (at, ns) => {
        const row = ofKind[at]!;
        const scale = ns / rows.estimatedNs[row]!;
        appendRow(wall, {
          ...identity(rows, row),
          ...{ kind, state: rows.state[row]!, cgroup: rows.cgroup[row]! },
          ...{ userStack: rows.userStack[row]!, kernelStack: rows.kernelStack[row]!, ...NO_WAIT },
          ...{ captures: rows.captures[row]!, estimatedCount: rows.estimatedCount[row]!, estimatedNs: ns },
          varianceNs2: rows.varianceNs2[row]! * scale ** 2,
        });
      });
      const state = kind === BLOCKED ? UNKNOWN_STATE : RUNNING;
      const uncounted = { ...NO_WAIT, captures: 0, estimatedCount: 0, varianceNs2: 0 };
      if (openNs > 0 && open !== undefined) {
        appendRow(wall, {
          ...identity(openWaits, open),
          ...{ kind, state: isOpen ? openWaits.state[open]! : state, cgroup },
          ...{ userStack: openWaits.userStack[open]!, kernelStack: openWaits.kernelStack[open]! },
          ...{ ...uncounted, estimatedNs: openNs },
        });
      }
      if (sharedNs > 0 && sum(weights) <= 0) {
        const { tgid, tid, comm } = lives.identity(thread);
        appendRow(wall, {
          ...{ tgid, tid, comm, kind, state, cgroup, userStack: NONE, kernelStack: NONE },
          ...{ ...uncounted, estimatedNs: sharedNs },
        });
      }
    }
  }
  return wall;
}

/** The threads of a window that lived in it. One that was renamed, or whose id was used again, is one. */
class Lives {
  readonly #threads: Threads;
  readonly #index = new TupleIndex(2);
  /** The last entry of each. */
  readonly #entry: number[] = [];
  /** By index of ROW_KINDS, within the window. */
  readonly livedNs: number[][] = [];
  /** By index of KINDS, of waits that ended in it. */
  readonly endedNs: number[][] = [];

  constructor(threads: Threads) {
    this.#threads = threads;
    for (let entry = 0; entry < threads.tid.length; entry++) {
      if (LIFE_COLUMNS.every((column) => threads[column][entry] === 0)) continue;
      const thread = this.#probe(threads, entry).add();
      this.#entry[thread] = entry;
      this.livedNs[thread] ??= ROW_KINDS.map(() => 0);
      this.endedNs[thread] ??= KINDS.map(() => 0);
      for (const [kind, column] of LIFE_COLUMNS.entries()) {
        this.livedNs[thread][kind]! += threads[column][entry]!;
      }
      for (const [kind, column] of ENDED_COLUMNS.entries()) {
        this.endedNs[thread][kind]! += threads[column][entry]!;
      }
    }
  }

  get count(): number {
    return this.#index.size;
  }

  identity(thread: number): { tgid: number; tid: number; comm: number } {
    return identity(this.#threads, this.#entry[thread]!);
  }

  /** The entries of each thread, in their order; those of others are left out. */
  group(table: Pick<Threads, 'tgid' | 'tid'>): (number[] | undefined)[] {
    const groups: (number[] | undefined)[] = [];
    for (let at = 0; at < table.tid.length; at++) {
      const thread = this.#probe(table, at).find();
      if (thread < 0) continue;
      groups[thread] ??= [];
      groups[thread].push(at);
    }
    return groups;
  }

  #probe(table: Pick<Threads, 'tgid' | 'tid'>, at: number): TupleIndex {
    this.#index.probe[0] = table.tgid[at]!;
    this.#index.probe[1] = table.tid[at]!;
    return this.#index;
  }
}

function identity(
  table: Pick<Threads, 'tgid' | 'tid' | 'comm'>,
  at: number,
): { tgid: number; tid: number; comm: number } {
  return { tgid: table.tgid[at]!, tid: table.tid[at]!, comm: table.comm[at]! };
}

/**
 * Takes time that lay before the window from the one wait that began there: it is at least that long, so it is in the row
 * of the longest, and in none where that was not sampled.
 */
function takeLongest(rows: Rows, ofKind: readonly number[], weights: number[], beforeNs: number): void {
  if (beforeNs <= 0) return;
  const least = octaveOfBucket(bucketOf(Math.floor(beforeNs)));
  let longest = NONE;
  for (const [at, row] of ofKind.entries()) {
    if (rows.bucket[row]! < least || weights[at]! < beforeNs) continue;
    if (longest === NONE || rows.bucket[row]! > rows.bucket[ofKind[longest]!]!) longest = at;
  }
  if (longest !== NONE) weights[longest]! -= beforeNs;
}

/** In whole nanoseconds that add up to `totalNs`; nothing where there is no weight. */
function share(totalNs: number, weights: readonly number[], take: (at: number, ns: number) => void): void {
  const whole = sum(weights);
  if (totalNs <= 0 || whole <= 0) return;
  let weighed = 0;
  let given = 0;
  for (const [at, weight] of weights.entries()) {
    weighed += weight;
    const upTo = at === weights.length - 1 ? totalNs : Math.round((totalNs * weighed) / whole);
    if (upTo > given) take(at, upTo - given);
    given = upTo;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Whether any thread of a window has a life to show: not in files of versions that had none. */
export function hasLives({ threads }: Pick<ProfileWindow, 'threads'>): boolean {
  return LIFE_COLUMNS.some((column) => threads[column].some((ns) => ns > 0));
}

/** How many rows of threads, and how much of a window, a view of lives is about. */
export interface LifeTotal {
  threads: number;
  livedNs: number;
}

/** `toLifeTotal` of the threads that a query shows. */
export function lifeOf(tables: ProfileTables, threads: Threads, query: Query): LifeTotal {
  const tgids = query.tgids && new Set(query.tgids);
  const tids = query.tids && new Set(query.tids);
  const { comm } = query;
  const isWanted = query.who && toWhoMatcher(tables, query.who);
  return toLifeTotal(
    threads,
    (entry) =>
      (isWanted === undefined || isWanted(threads, entry)) &&
      (tgids === undefined || tgids.has(threads.tgid[entry]!)) &&
      (tids === undefined || tids.has(threads.tid[entry]!)) &&
      (comm === undefined || tables.strings[threads.comm[entry]!] === comm),
  );
}

/** `2 threads · 60.0 s of life, 59.9 s shown`. */
export function lifeWords({ threads, livedNs }: LifeTotal, shownNs: number): string {
  const whose = `${threads.toLocaleString('en-GB')} ${threads === 1 ? 'thread' : 'threads'}`;
  return `${whose} · ${formatNs(livedNs)} of life, ${formatNs(shownNs)} shown`;
}

/** Sum of the exact counters over the threads that `isShown`. */
export function toLifeTotal(threads: Threads, isShown: (entry: number) => boolean): LifeTotal {
  const seen = new TupleIndex(2);
  let livedNs = 0;
  for (let entry = 0; entry < threads.tid.length; entry++) {
    const ns = LIFE_COLUMNS.reduce((total, column) => total + threads[column][entry]!, 0);
    if (ns === 0 || !isShown(entry)) continue;
    livedNs += ns;
    seen.probe[0] = threads.tgid[entry]!;
    seen.probe[1] = threads.tid[entry]!;
    seen.add();
  }
  return { threads: seen.size, livedNs };
}

const ENDED_COLUMNS = ['blockedNs', 'runqNs', 'preemptedNs'] as const satisfies readonly (keyof Threads)[];
const BLOCKED = KINDS.indexOf('blocked');
const RUNNING = STATES.indexOf('R');
const UNKNOWN_STATE = STATES.indexOf('?');
const NO_WAIT = { chain: NONE, bucket: 0 };
