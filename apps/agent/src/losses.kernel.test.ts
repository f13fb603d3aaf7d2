/**
 * Losses by force: the probe's maps made so small that each overflows. What is lost shows under its own counter, and what
 * is still shown is still right.
 */
import { probeBpf } from '@stallscope/libbpf';
import { type Loss, type ProfileTables, type ProfileWindow, windowTotals } from '@stallscope/profile';
import { kernelSuites, type StartedWorkload, startWorkload, type WorkloadTruth } from '@stallscope/testing';
import { afterEach, describe, expect, test } from 'vitest';
import type { MapSizes } from './map-sizes.js';
import { type CollectorFilter, SchedCollector } from './sched-collector.js';

const onKernel = kernelSuites({ describe, test }, () => {
  const access = probeBpf();
  return access.ok ? undefined : access.cause;
});

interface Traced {
  /** Of the workload; others on the host may have threads of the same name, which the filter lets pass too. */
  tgid: number;
  truth: WorkloadTruth;
  windows: ProfileWindow[];
  tables: ProfileTables;
}

let open: SchedCollector | undefined;

afterEach(() => {
  open?.close();
  open = undefined;
});

/** Everything that matches, exactly; a window every `windowMs`. */
async function traceWith(
  mapSizes: Partial<MapSizes>,
  filter: CollectorFilter,
  workload: () => Pick<StartedWorkload, 'tgid' | 'ended'>,
  windowMs = 200,
): Promise<Traced> {
  const collector = await SchedCollector.open({ tauNs: 0, filter, mapSizes });
  open = collector;
  const windows: ProfileWindow[] = [];
  let isOver = false;
  const { tgid, ended: finished } = workload();
  const ended = finished.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    let timer: NodeJS.Timeout | undefined;
    const pause = new Promise((resolve) => {
      timer = setTimeout(resolve, windowMs);
    });
    await Promise.race([ended, pause]);
    clearTimeout(timer);
    if (!isOver) windows.push(await collector.collect());
  }
  const truth = await ended;
  windows.push(await collector.finish());
  return { tgid, truth, windows, tables: collector.tables };
}

/** Of the host, not of the room that there is: see the tests of the collector. */
const FROM_THE_HOST: readonly Loss[] = ['stack-error', 'stack-truncated', 'wake-missed', 'switch-missed'];

function lossesOf(windows: readonly ProfileWindow[]): Partial<Record<Loss, number>> {
  const sums: Partial<Record<Loss, number>> = {};
  for (const { losses } of windows) {
    for (const [loss, count] of Object.entries(losses) as [Loss, number][]) {
      if (!FROM_THE_HOST.includes(loss)) sums[loss] = (sums[loss] ?? 0) + count;
    }
  }
  return sums;
}

function sum(windows: readonly ProfileWindow[], read: (window: ProfileWindow) => readonly number[]): number {
  return windows.flatMap(read).reduce((total, value) => total + value, 0);
}

const captures = (windows: readonly ProfileWindow[]): number => sum(windows, ({ rows }) => rows.captures);
const sampledNs = (windows: readonly ProfileWindow[]): number => sum(windows, ({ rows }) => rows.estimatedNs);
const exactNs = (windows: readonly ProfileWindow[]): number =>
  sum(windows, ({ threads: { blockedNs, runqNs, preemptedNs } }) => [
    ...blockedNs,
    ...runqNs,
    ...preemptedNs,
  ]);
const intervals = (windows: readonly ProfileWindow[]): number =>
  sum(windows, ({ threads: { blockedCount, runqCount, preemptedCount } }) => [
    ...blockedCount,
    ...runqCount,
    ...preemptedCount,
  ]);

/** Of nobody else on the host. */
const OWN_NAME = `t${process.pid}`;
const OWN = { comm: OWN_NAME };
const naps = () => startWorkload('sleeper', 2_000, 200, OWN_NAME);

/** It naps at least as long as it asked for, and off CPU it is no longer than its own clock says. */
function expectTrueTotals({ truth, windows }: Traced): void {
  // A wait whose wake and switch are both missed, and counted so, is seen by nobody.
  expect(sum(windows, ({ threads }) => threads.blockedNs)).toBeGreaterThan(0.985 * truth.askedNs!);
  expect(exactNs(windows)).toBeLessThan(truth.asleepNs! * 1.01 + 20e6);
}

onKernel('maps without room', () => {
  test('rows: each interval is in a row, or counted as lost; the exact counters have them all', async () => {
    const traced = await traceWith({ rows: 1 }, OWN, naps);
    const { windows, tables } = traced;
    expectTrueTotals(traced);
    const lost = lossesOf(windows);
    expect(Object.keys(lost)).toEqual(['row-map-full']);
    expect(captures(windows)).toBeGreaterThan(0);
    expect(captures(windows) + lost['row-map-full']!).toBe(intervals(windows));
    // The share that is shown says how much is missing.
    const totals = windowTotals(tables, windows, {
      view: 'off-cpu',
      kinds: ['blocked', 'runq', 'preempted'],
    });
    expect(totals.exactNs).toBe(exactNs(windows));
    expect(totals.sampledNs).toBe(sampledNs(windows));
    expect(totals.sampledNs / totals.exactNs!).toBeLessThan(0.999);
  });

  test('stacks: a row keeps its time and has no stack', async () => {
    const traced = await traceWith({ stacks: 1 }, OWN, naps);
    const { windows } = traced;
    expectTrueTotals(traced);
    const lost = lossesOf(windows);
    expect(lost['stack-map-full']).toBeGreaterThan(0);
    expect(Object.keys(lost).filter((loss) => !loss.startsWith('stack-'))).toEqual([]);
    expect(sampledNs(windows)).toBe(exactNs(windows));
    expect(captures(windows)).toBe(intervals(windows));
    expect(windows.some(({ rows }) => rows.userStack.includes(-1))).toBe(true);
  });

  test.each<[string, Partial<MapSizes>, Loss]>([
    ['links', { links: 1 }, 'link-map-full'],
    ['chains', { chains: 1 }, 'chain-map-full'],
  ])('%s: a row keeps its time and stacks, and has no waker', async (_name, sizes, loss) => {
    const pings = () => startWorkload('ping-pong', 4_000, 20);
    const { tgid, truth, windows, tables } = await traceWith(sizes, { comm: 'ping' }, pings);
    // Others may run the same workload meanwhile.
    const mine = (of: readonly number[], values: readonly number[]) =>
      values.filter((_, i) => of[i] === tgid);
    const blockedNs = sum(windows, ({ threads }) => mine(threads.tgid, threads.blockedNs));
    expect(blockedNs).toBeGreaterThan(0.985 * truth.rounds! * truth.thinkNs!);
    const lost = lossesOf(windows);
    expect(lost[loss]).toBeGreaterThan(0);
    // A link or chain that was cleared twice while a thread slept on it is counted as unknown.
    expect(Object.keys(lost).filter((name) => name !== loss && name !== 'chain-unknown')).toEqual([]);
    const inRowsNs = sum(windows, ({ rows }) => mine(rows.tgid, rows.estimatedNs));
    const countedNs = sum(windows, ({ threads }) =>
      [threads.blockedNs, threads.runqNs, threads.preemptedNs].flatMap((ns) => mine(threads.tgid, ns)),
    );
    expect(inRowsNs).toBe(countedNs);
    const waits = windows.flatMap(({ rows }) =>
      rows.kind.flatMap((kind, i) =>
        kind === 0 && rows.tgid[i] === tgid ? [{ chain: rows.chain[i]!, stack: rows.userStack[i]! }] : [],
      ),
    );
    expect(waits.some(({ chain }) => chain === -1)).toBe(true);
    // Where a waker is shown it is a right one: the peer, or what interrupted.
    for (const { chain, stack } of waits) {
      expect(stack).not.toBe(-1);
      if (chain !== -1) expect(tables.strings[tables.chains[chain]!.comm]).toMatch(/^(pong|\[.*\])$/);
    }
  });

  test('threads that exit: as many as there is room for are whole, and each of the others is counted', async () => {
    const COUNT = 24;
    const ROOM = 5;
    const toOne = (truths: readonly WorkloadTruth[]): WorkloadTruth => ({
      askedNs: truths[0]!.askedNs!,
      mostNs: Math.max(...truths.map(({ asleepNs }) => asleepNs!)),
    });
    const sleepers = () => {
      const all = Array.from({ length: COUNT }, () => startWorkload('sleeper', 100, 1_000, OWN_NAME));
      return { tgid: 0, ended: Promise.all(all.map(({ ended }) => ended)).then(toOne) };
    };
    // One window, so that all of them exit in it.
    const { truth, windows } = await traceWith({ exitedThreads: ROOM }, OWN, sleepers, 60_000);
    expect(windows).toHaveLength(1);
    const { threads } = windows[0]!;
    expect(new Set(threads.tid).size).toBe(ROOM);
    expect(lossesOf(windows)).toEqual({ 'exited-map-full': COUNT - ROOM });
    for (const blockedNs of threads.blockedNs) {
      // A few waits of a hundred may be missed, and counted so.
      expect(blockedNs / truth.askedNs!).toBeGreaterThan(0.95);
      expect(blockedNs).toBeLessThan(truth.mostNs! * 1.01);
    }
  });

  test('a storm of forks: each process is seen, or counted among those that could not be timed', async () => {
    const { truth, windows, tables } = await traceWith(
      {},
      {},
      () => startWorkload('churn', 1_500, 1, 500, OWN_NAME),
      60_000,
    );
    const seen = new Set(
      windows.flatMap(({ threads }) =>
        threads.tgid.filter((_, i) => tables.strings[threads.comm[i]!]!.startsWith(`${OWN_NAME}-`)),
      ),
    );
    const lost = lossesOf(windows);
    const unseen = truth.processes! - seen.size;
    expect(truth.processes!).toBeGreaterThan(500);
    expect(seen.size).toBeGreaterThan(truth.processes! / 2);
    expect(unseen).toBeLessThanOrEqual((lost['task-storage-refused'] ?? 0) + (lost['exited-map-full'] ?? 0));
  });
});

onKernel('an agent that does not come round', () => {
  test('for seconds: the window is as long, and nothing of it is lost', async () => {
    const nap = () => startWorkload('sleeper', 250, 10_000, OWN_NAME);
    const { truth, windows } = await traceWith({}, OWN, nap, 60_000);
    expect(windows).toHaveLength(1);
    const [window] = windows;
    expect(window!.endMs - window!.startMs).toBeGreaterThan(2_000);
    expect(lossesOf(windows)).toEqual({});
    // A wait that ends where no program runs is missed, and counted so: one of these is 0.4 %.
    const blockedNs = sum(windows, ({ threads }) => threads.blockedNs);
    expect(blockedNs / truth.askedNs!).toBeGreaterThan(0.985);
    // It does nothing but sleep, and late as it may be woken it is woken within its own measure.
    expect(exactNs(windows)).toBeLessThan(truth.asleepNs! * 1.01 + 20e6);
    expect(sampledNs(windows)).toBe(exactNs(windows));
  });
});
