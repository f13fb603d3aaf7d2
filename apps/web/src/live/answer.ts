/**
 * Owns the answer in one line: which process waits most, in what, and who ends it; waits for work that has not come are
 * set apart, because an idle server is not a slow one. In the CPU view: which process runs most, and in what. Pure;
 * reads the same rows as the graph.
 */
import {
  idleWaitsOf,
  NONE,
  ON_CPU,
  type ProfileTables,
  type Query,
  ROW_KINDS,
  type RowKind,
  type Rows,
  toRowMatcher,
  toWaitSite,
} from '@stallscope/profile';

export interface Answer {
  /** Time of all waits that the query keeps, or in the CPU view of all that ran, ns. */
  waitedNs: number;
  /** Of that, waiting for something to do. */
  idleNs: number;
  /** Where threads that had work waited most, or ran most; null when all waiting was idle. */
  top: {
    tgid: number;
    /** The process's name; its thread's where no window named it. */
    process: string;
    /** Threads of it that waited there. */
    threads: number;
    kind: RowKind;
    /** What it waited in: the first function below the scheduler's own; or what it ran: the innermost function. */
    inFunction: string;
    ns: number;
    /** Who ended most of it, with the part of `ns` that it ended; null when no waker is known. */
    waker: { comm: string; ns: number } | null;
  } | null;
}

export function toAnswer(
  tables: ProfileTables,
  rows: Rows,
  query: Query,
  processNames: ReadonlyMap<number, string>,
): Answer {
  const keeps = toRowMatcher(tables, query);
  const sites = new Map<
    string,
    { row: number; inFunction: string; ns: number; wakers: Map<number, number>; tids: Set<number> }
  >();
  const idle = idleWaitsOf(tables);
  const functions = new Map<number, string>();
  const isOfCpu = query.view === 'cpu';
  let waitedNs = 0;
  let idleNs = 0;
  for (let row = 0; row < rows.tgid.length; row++) {
    const ns = rows.estimatedNs[row]!;
    // In the wall view what ran is beside the waits, and is none.
    if (ns <= 0 || !keeps(rows, row) || (rows.kind[row] === ON_CPU) !== isOfCpu) continue;
    waitedNs += ns;
    if (!isOfCpu && idle.presetOf(rows, row) !== NONE) {
      idleNs += ns;
      continue;
    }
    const kernelStack = rows.kernelStack[row]!;
    const stack = kernelStack !== NONE || !isOfCpu ? kernelStack : rows.userStack[row]!;
    let inFunction = functions.get(stack);
    if (inFunction === undefined) {
      inFunction = isOfCpu ? toFunctionRun(tables, stack) : toFunctionWaitedIn(tables, stack);
      functions.set(stack, inFunction);
    }
    const key = `${rows.tgid[row]},${rows.kind[row]},${inFunction}`;
    let site = sites.get(key);
    if (site === undefined) {
      site = { row, inFunction, ns: 0, wakers: new Map(), tids: new Set() };
      sites.set(key, site);
    }
    site.ns += ns;
    site.tids.add(rows.tid[row]!);
    const chain = rows.chain[row]!;
    if (chain !== NONE) {
      const waker = tables.chains[chain]!.comm;
      site.wakers.set(waker, (site.wakers.get(waker) ?? 0) + ns);
    }
  }
  const top = largest(sites.values(), (site) => site.ns);
  if (top === undefined) return { waitedNs, idleNs, top: null };
  const waker = largest(top.wakers, ([, ns]) => ns);
  return {
    waitedNs,
    idleNs,
    top: {
      tgid: rows.tgid[top.row]!,
      process: processNames.get(rows.tgid[top.row]!) ?? tables.strings[rows.comm[top.row]!]!,
      threads: top.tids.size,
      kind: ROW_KINDS[rows.kind[top.row]!]!,
      inFunction: top.inFunction,
      ns: top.ns,
      waker: waker === undefined ? null : { comm: tables.strings[waker[0]]!, ns: waker[1] },
    },
  };
}

/** @param stack the kernel's where it was in the kernel, else the user's */
function toFunctionRun(tables: ProfileTables, stack: number): string {
  return stack === NONE ? 'a place whose stack is missing' : tables.frameLabel(tables.stackFrame[stack]!);
}

export function toFunctionWaitedIn(tables: ProfileTables, kernelStack: number): string {
  return toWaitSite(tables, kernelStack) ?? 'a place whose stack is missing';
}

function largest<Item>(items: Iterable<Item>, sizeOf: (item: Item) => number): Item | undefined {
  let found: Item | undefined;
  for (const item of items) if (found === undefined || sizeOf(item) > sizeOf(found)) found = item;
  return found;
}
