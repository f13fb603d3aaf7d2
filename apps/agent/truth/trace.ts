/**
 * Owns running a workload under the scheduler probe of this kernel, a window every so often, and reading what was seen as
 * folded paths. For the tests of the probe; nothing that is shipped imports it.
 */
import {
  KINDS,
  type Kind,
  type ProfileTables,
  type ProfileWindow,
  type Query,
  RowAggregate,
  toFolded,
} from '@stallscope/profile';
import { type StartedWorkload, startWorkload } from '@stallscope/testing';
import { type CollectorOptions, SchedCollector } from '../src/sched-collector.js';

export interface Traced<Truth = Record<string, number>> {
  /** The workload's process; others on the host may have threads of the same name. */
  tgid: number;
  truth: Truth;
  windows: ProfileWindow[];
  tables: ProfileTables;
}

export interface TraceOptions<Truth> {
  windowMs?: number;
  /** Runs first, to its end and the end of a window that is not kept. */
  before?: [string, ...(string | number)[]] | undefined;
  /** How the workload is started, once the probe is attached. */
  start?: (workload: [string, ...(string | number)[]]) => StartedWorkload<Truth>;
}

let open: SchedCollector | undefined;
let running: Pick<StartedWorkload, 'stop'> | undefined;

/** Makes `collector` the one that `closeTraced` closes. */
export function keepOpen(collector: SchedCollector): SchedCollector {
  open = collector;
  return collector;
}

/** Closes the collector of the last trace, ends its workload. For afterEach: a failed test must leave neither behind. */
export async function closeTraced(): Promise<void> {
  open?.close();
  open = undefined;
  const stop = running?.stop();
  running = undefined;
  await stop;
}

/** Runs a workload to its end under the probe. The collector stays open for its tables until `closeTraced`. */
export async function trace<Truth = Record<string, number>>(
  options: CollectorOptions,
  workload: [string, ...(string | number)[]],
  { windowMs = 200, before, start = (command) => startWorkload<Truth>(...command) }: TraceOptions<Truth> = {},
): Promise<Traced<Truth>> {
  const collector = keepOpen(await SchedCollector.open(options));
  if (before !== undefined) {
    await startWorkload(...before).ended;
    await collector.collect();
  }
  const windows: ProfileWindow[] = [];
  let isRunning = true;
  const started = start(workload);
  running = started;
  const { tgid } = started;
  const ended = started.ended.finally(() => {
    isRunning = false;
  });
  while (isRunning) {
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, windowMs))]);
    windows.push(await collector.collect());
  }
  const truth = await ended;
  windows.push(await collector.finish());
  return { tgid, truth, windows, tables: collector.tables };
}

/** The waits of the workload's own process. */
export function folded(
  { tgid, windows, tables }: Pick<Traced, 'tgid' | 'windows' | 'tables'>,
  query: Query,
): { path: string[]; us: number }[] {
  const rows = new RowAggregate();
  for (const window of windows) rows.add(window);
  return toFolded(tables, rows.rows(), { ...query, tgids: [tgid] }).lines.map((line) => {
    const space = line.lastIndexOf(' ');
    return { path: line.slice(0, space).split(';'), us: Number(line.slice(space + 1)) };
  });
}

export function sumUs(paths: readonly { us: number }[]): number {
  return paths.reduce((sum, { us }) => sum + us, 0);
}

/** The path that most of the time is on. */
export function hottest(paths: readonly { path: string[]; us: number }[]): string[] {
  return paths.reduce((best, path) => (path.us > best.us ? path : best), { path: [], us: -1 }).path;
}

/** ns by `tid kind`: summed from the rows, or as the exact counters have them. */
export function timeByThread(
  windows: readonly ProfileWindow[],
  source: 'rows' | 'exact',
): Map<string, number> {
  const sums = new Map<string, number>();
  const add = (tid: number, kind: Kind, ns: number): void => {
    if (ns > 0) sums.set(`${tid} ${kind}`, (sums.get(`${tid} ${kind}`) ?? 0) + ns);
  };
  for (const { rows, threads } of windows) {
    if (source === 'rows') {
      for (const [i, ns] of rows.estimatedNs.entries()) add(rows.tid[i]!, KINDS[rows.kind[i]!]!, ns);
      continue;
    }
    for (const [i, tid] of threads.tid.entries()) {
      add(tid, 'blocked', threads.blockedNs[i]!);
      add(tid, 'runq', threads.runqNs[i]!);
      add(tid, 'preempted', threads.preemptedNs[i]!);
    }
  }
  return sums;
}

/**
 * Losses for want of room. Others are not the probe's: a stack that is deeper than the kernel's limit leaves its row
 * without some frames, not out; and where the kernel runs no BPF programs in the context of a process that it protects,
 * as on some virtual machines, a wake or switch there is missed, and counted. In a fork storm the kernel may have no memory
 * at hand for a new thread, which is then timed from its next switch on.
 */
const NOT_OURS = new Set([
  'stack-error',
  'stack-truncated',
  'wake-missed',
  'switch-missed',
  'task-storage-refused',
]);

export function losses(windows: readonly ProfileWindow[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [loss, count] of Object.entries(allLosses(windows))) if (!NOT_OURS.has(loss)) sum[loss] = count;
  return sum;
}

export function allLosses(windows: readonly ProfileWindow[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const window of windows) {
    for (const [loss, count] of Object.entries(window.losses)) sum[loss] = (sum[loss] ?? 0) + count;
  }
  return sum;
}
