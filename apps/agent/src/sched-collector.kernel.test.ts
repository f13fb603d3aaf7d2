/**
 * The scheduler probe on this kernel against workloads whose waits and wakers are known by construction.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { probeBpf } from '@stallscope/libbpf';
import { KINDS, type Kind, type ProfileWindow, STATES, windowTotals } from '@stallscope/profile';
import { kernelSuites, runWorkload, startWorkload } from '@stallscope/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { cgroup2Root } from '../truth/test-cgroup.js';
import {
  closeTraced,
  folded,
  hottest,
  keepOpen,
  losses,
  sumUs,
  timeByThread,
  trace,
} from '../truth/trace.js';
import { type CollectorFilter, SchedCollector } from './sched-collector.js';

const onKernel = kernelSuites({ describe, test }, () => {
  const access = probeBpf();
  return access.ok ? undefined : access.cause;
});

afterEach(closeTraced);

const EXACT = { tauNs: 0 };

onKernel('the scheduler probe', () => {
  test('a sleeper is blocked as long as it slept, in state S, under the function that slept, woken by the timer', async () => {
    const traced = await trace({ ...EXACT, filter: { comm: 'sleeper' } }, ['sleeper', 300, 10_000]);
    const paths = folded(traced, { view: 'off-wake', kinds: ['blocked'] });
    const naps = paths.filter(({ path }) => path.includes('nap_here'));
    const nappedNs = sumUs(naps) * 1000;

    // No shorter than it asked for, no longer than it took by its own clock: timers are late on a busy host.
    expect(nappedNs).toBeGreaterThan(0.99 * traced.truth.askedNs!);
    expect(nappedNs).toBeLessThanOrEqual(traced.truth.asleepNs!);
    const path = hottest(naps);
    expect(path[0]).toBe('sleeper');
    expect(path.indexOf('main')).toBeLessThan(path.indexOf('nap_here'));
    expect(path[path.indexOf('nap_here') + 1]).toBe('-');
    expect(path.at(-1)).toBe('[timer]');
    const asleep = folded(traced, { view: 'off-wake', kinds: ['blocked'], states: ['S'] });
    expect(sumUs(asleep.filter((line) => line.path.includes('nap_here')))).toBe(sumUs(naps));
    expect(losses(traced.windows)).toEqual({});
  });

  test('rows of an exact run add up to the exact counters over many windows: no update is lost between', async () => {
    const traced = await trace(EXACT, ['ping-pong', 150_000], { windowMs: 25 });
    expect(traced.windows.length).toBeGreaterThan(10);
    expect(losses(traced.windows)).toEqual({});
    const rows = timeByThread(traced.windows, 'rows');
    const exact = timeByThread(traced.windows, 'exact');
    expect(exact.size).toBeGreaterThan(4);
    // Where the host hides the threads of a process from task iterators, they have rows and no counters.
    for (const [thread, ns] of exact) expect([thread, rows.get(thread)]).toEqual([thread, ns]);
  });

  test('the waker of each player of a ping-pong is the other one, where it writes', async () => {
    const traced = await trace({ ...EXACT, filter: { comm: 'ping' } }, ['ping-pong', 5_000, 50]);
    const paths = folded(traced, { view: 'off-wake', kinds: ['blocked'] }).filter(({ path }) =>
      path.includes('await_byte'),
    );
    expect(sumUs(paths) * 1000).toBeGreaterThan(traced.truth.rounds! * traced.truth.thinkNs!);
    const byPong = paths.filter(({ path }) => path.at(-1) === 'pong' && path.includes('send_byte'));
    expect(sumUs(byPong) / sumUs(paths)).toBeGreaterThan(0.999);
    // They have been waking each other for thousands of rounds; what caused one wait is the last of them alone.
    const chains = folded(traced, { view: 'chain', kinds: ['blocked'] }).filter(({ path }) =>
      path.includes('await_byte'),
    );
    const causal = chains.filter(({ path }) => path.filter((label) => label === '--').length <= 2);
    expect(sumUs(causal) / sumUs(chains)).toBeGreaterThan(0.99);
    const wakeups = folded(traced, { view: 'wakeup', kinds: ['blocked'] });
    expect(
      sumUs(wakeups.filter(({ path }) => path[0] === 'pong' && path.at(-1) === 'ping')) / sumUs(paths),
    ).toBeGreaterThan(0.99);
  });

  test('threads of a lock convoy wait for all the others, and the one before hands over', async () => {
    // Enough rounds that a wait which is lost and counted, because its wake and its switch were both in the context of a
    // process that the kernel protects, stays within the tolerance: one of 60 is 1.7 %.
    const traced = await trace(EXACT, ['convoy', 3, 200, 5_000]);
    const { threads, rounds, holdNs } = traced.truth as { threads: number; rounds: number; holdNs: number };
    for (let i = 0; i < threads; i++) {
      const name = `holder-${i}`;
      const mine = folded(traced, { view: 'chain', kinds: ['blocked'], comm: name });
      const waits = mine.filter(({ path }) => path.includes('wait_for_turn'));
      for (const { path } of waits) expect(path.indexOf('body')).toBe(path.indexOf('wait_for_turn') - 1);
      const holds = mine.filter(({ path }) => path.includes('hold_lock') && !path.includes('wait_for_turn'));
      const heldNs = sumUs(holds) * 1000;
      expect(heldNs).toBeGreaterThan(0.98 * rounds * holdNs);
      expect(heldNs).toBeLessThanOrEqual(traced.truth[`heldNs${i}`]!);
      // The thread's own clock counts what it waited for a CPU as well, and the little it computed.
      const off = folded(traced, { view: 'off-cpu', kinds: KINDS, comm: name });
      const offNs = sumUs(off.filter(({ path }) => path.includes('wait_for_turn'))) * 1000;
      const waitedNs = traced.truth[`waitedNs${i}`]!;
      expect(offNs).toBeLessThanOrEqual(waitedNs);
      expect(offNs / waitedNs).toBeGreaterThan(0.98);
      // A turn of each of the others, but for the first and the last round.
      expect(sumUs(waits) * 1000).toBeGreaterThan((rounds - 1) * (threads - 1) * holdNs);
      const before = `holder-${(i + threads - 1) % threads}`;
      const handed = waits.filter(
        ({ path }) => path[path.indexOf('--') + 1] !== undefined && nextComm(path) === before,
      );
      expect(sumUs(handed) / sumUs(waits)).toBeGreaterThan(0.95);
      expect(hottest(waits).at(-1)).toBe('[timer]');
    }
  });

  test('the chain view names each stage in order and ends in the timer', async () => {
    const traced = await trace({ ...EXACT, filter: { comm: 'stage-a' } }, ['chain', 100, 10_000]);
    const paths = folded(traced, { view: 'chain', kinds: ['blocked'] }).filter(({ path }) =>
      path.includes('stage_a_wait'),
    );
    // At least what the last stage slept, at most what the first one measured from end to end.
    expect(sumUs(paths) * 1000).toBeGreaterThan(0.99 * traced.truth.rounds! * traced.truth.sleepNs!);
    expect(sumUs(paths) * 1000).toBeLessThan(traced.truth.elapsedNs!);
    const whole = paths.filter(({ path }) =>
      isInOrder(path, [
        'stage-a',
        'stage_a_wait',
        '--',
        'stage_b_pass_on',
        'stage-b',
        '--',
        'stage_c_start',
        'stage-c',
        '--',
        '[timer]',
      ]),
    );
    // A timer that fires where no BPF program runs leaves its round without that link.
    expect(sumUs(whole) / sumUs(paths)).toBeGreaterThan(0.95);
  });

  test('an fsync waits for the disk, and the wait ends by block completion', async () => {
    const file = join(tmpdir(), `stallscope-fsync-${process.pid}`);
    try {
      const traced = await trace({ ...EXACT, filter: { comm: 'fsyncer' } }, ['fsyncer', file, 2_000]);
      const paths = folded(traced, { view: 'chain', kinds: ['blocked'] }).filter(({ path }) =>
        path.includes('flush_here'),
      );
      const waited = sumUs(paths) * 1000;
      expect(waited).toBeGreaterThan(0);
      expect(waited).toBeLessThan(traced.truth.inFlushNs!);
      const byDisk = paths.filter(({ path }) => path.includes('[block completion]'));
      expect(sumUs(byDisk) / sumUs(paths)).toBeGreaterThan(0.9);
      const states = new Set(
        traced.windows.flatMap(({ rows }) =>
          rows.state.filter((_, i) => rows.kind[i] === 0).map((s) => STATES[s]),
        ),
      );
      expect(states).toContain('D');
    } finally {
      rmSync(file, { force: true });
    }
  });

  test('a sampled run is within its own stated error of the exact counters', async () => {
    const traced = await trace({ tauNs: 100_000, filter: { comm: 'ping' } }, ['ping-pong', 20_000]);
    const result = windowTotals(traced.tables, traced.windows, { view: 'off-cpu', kinds: ['blocked'] });
    expect(result.exactNs).toBeGreaterThan(0);
    // Four standard errors: one run in 16,000 by chance.
    expect(Math.abs(result.sampledNs - result.exactNs!)).toBeLessThan(4 * result.standardErrorNs + 1);
    const captures = traced.windows.flatMap(({ rows }) => rows.captures).reduce((sum, n) => sum + n, 0);
    const intervals = traced.windows
      .flatMap(({ threads }) => threads.blockedCount)
      .reduce((sum, n) => sum + n, 0);
    expect(captures).toBeLessThan(intervals);
  });

  test('the kinds of a thread and its time on CPU add up to its lifetime in the window', async () => {
    const collector = await SchedCollector.open({
      ...EXACT,
      excludeTgids: [],
      filter: { tids: [process.pid] },
    });
    keepOpen(collector);
    await collector.collect();
    for (let i = 0; i < 200; i++) await new Promise((resolve) => setTimeout(resolve, 2));
    const { threads, startMs, endMs } = await collector.collect();
    const seen = threads.blockedNs[0]! + threads.runqNs[0]! + threads.preemptedNs[0]! + threads.onCpuNs[0]!;
    // The interval that crosses an end is counted where it ends: a wait of 2 ms, or what collecting takes on CPU.
    expect(Math.abs(seen / 1e6 - (endMs - startMs))).toBeLessThan(0.02 * (endMs - startMs) + 10);
    expect(threads.blockedCount[0]!).toBeGreaterThan(150);
  });

  test('an interrupted thread is never blamed: with every CPU busy, a sleeper is still woken by the timer alone', async () => {
    const spinning = runWorkload('spinner', 1_500);
    const traced = await trace({ ...EXACT, filter: { comm: 'under-load' } }, [
      'sleeper',
      100,
      5_000,
      'under-load',
    ]);
    await spinning;
    const wakers = folded(traced, { view: 'chain', kinds: ['blocked'] }).filter(({ path }) =>
      path.includes('nap_here'),
    );
    expect(wakers.length).toBeGreaterThan(0);
    for (const { path } of wakers) {
      expect(path.join(';')).not.toMatch(/spinner|spin_here/);
      expect(['[timer]', '[waker unknown]']).toContain(path.at(-1));
    }
    expect(sumUs(wakers.filter(({ path }) => path.at(-1) === '[timer]')) / sumUs(wakers)).toBeGreaterThan(
      0.9,
    );
  });

  test('threads that share a CPU are preempted for as long as they are not on it, and blocked never', async () => {
    const traced = await trace({ ...EXACT }, ['spinner', 1_000, 2]);
    const off = (kind: Kind): number =>
      sumUs(
        folded(traced, { view: 'off-cpu', kinds: [kind] }).filter(({ path }) => path.includes('spin_here')),
      ) * 1000;
    const { offCpuNs } = traced.truth;
    expect(offCpuNs, 'two threads a CPU').toBeGreaterThan(0.4 * traced.truth.threads! * 1e9);
    // A thread that comes onto the CPU where no BPF program runs has waited unseen: one in fifty at most, and counted.
    expect(Math.abs(off('preempted') / offCpuNs! - 1)).toBeLessThan(0.05);
    expect(off('blocked') / offCpuNs!).toBeLessThan(0.01);
  });

  test('filters act in the kernel: by process, by thread, by length and by state', async () => {
    const seen = async (
      filter: CollectorFilter,
    ): Promise<{ tids: Set<number>; windows: ProfileWindow[] }> => {
      const traced = await trace({ ...EXACT, filter }, ['convoy', 2, 20, 5_000]);
      await closeTraced();
      return { tids: new Set(traced.windows.flatMap(({ rows }) => rows.tid)), windows: traced.windows };
    };
    // Longer than any host takes to load the probe twice; it is stopped when it has been seen.
    const { tgid, stop } = startWorkload('convoy', 2, 100_000, 5_000);
    try {
      for (const filter of [{ tgids: [tgid] }, { tids: [await aThreadOf(tgid)] }]) {
        const collector = await SchedCollector.open({ ...EXACT, filter });
        keepOpen(collector);
        await new Promise((resolve) => setTimeout(resolve, 100));
        const { rows, threads } = await collector.finish();
        collector.close();
        expect(rows.tid.length).toBeGreaterThan(0);
        expect(new Set([...rows.tgid, ...threads.tgid])).toEqual(new Set([tgid]));
        if (filter.tids !== undefined)
          expect(new Set([...rows.tid, ...threads.tid])).toEqual(new Set(filter.tids));
      }
    } finally {
      await stop();
    }
    const long = await seen({ comm: 'holder-0', minIntervalNs: 4_000_000 });
    expect(long.windows.flatMap(({ rows }) => rows.bucket).every((bucket) => bucket >= 21)).toBe(true);
    expect(
      long.windows.flatMap(({ threads }) => threads.blockedCount).reduce((a, b) => a + b, 0),
    ).toBeGreaterThan(30);
    const disk = await seen({ comm: 'holder-0', states: ['D'], kinds: ['blocked'] });
    for (const { rows } of disk.windows) for (const state of rows.state) expect(STATES[state]).toBe('D');
  });

  test('a thread that renames itself keeps what it waited under the name that was asked for', async () => {
    const traced = await trace(
      { ...EXACT, filter: { comm: 'first-name', kinds: ['blocked'] } },
      ['renamer', 40, 5_000],
      { windowMs: 2_000 },
    );
    const counted = traced.windows
      .flatMap(({ threads }) => threads.blockedNs)
      .reduce((sum, ns) => sum + ns, 0);
    const rows = traced.windows.flatMap(({ rows }) => rows.estimatedNs).reduce((sum, ns) => sum + ns, 0);
    expect(rows).toBe(counted);
    expect(rows).toBeGreaterThan(0.98 * traced.truth.askedNs!);
    expect(rows).toBeLessThanOrEqual(traced.truth.asleepNs!);
  });

  test('a cgroup filter means the cgroup and what is below it', async () => {
    const root = cgroup2Root();
    const parent = join(root, `stallscope-test-${process.pid}`);
    const child = join(parent, 'below');
    mkdirSync(child, { recursive: true });
    try {
      const collector = await SchedCollector.open({ ...EXACT, filter: { cgroupPath: parent } });
      keepOpen(collector);
      const inside = spawnSync('sh', ['-c', `echo $$ > ${child}/cgroup.procs && exec sleep 0.2`]);
      expect(inside.status).toBe(0);
      await runWorkload('sleeper', 5, 10_000);
      const window = await collector.finish();
      const names = new Set(window.rows.comm.map((comm) => collector.tables.strings[comm]));
      expect(names).toContain('sleep');
      expect(names).not.toContain('sleeper');
      expect(new Set(window.rows.cgroup)).toContain(Number(statSync(child, { bigint: true }).ino));
    } finally {
      rmdirSync(child);
      rmdirSync(parent);
    }
  });

  test('a chain longer than the limit is cut and says so', async () => {
    const traced = await trace({ ...EXACT, maxChainLinks: 2, filter: { comm: 'stage-a' } }, [
      'chain',
      50,
      5_000,
    ]);
    const paths = folded(traced, { view: 'chain', kinds: ['blocked'] }).filter(({ path }) =>
      path.includes('stage_a_wait'),
    );
    const cut = paths.filter(({ path }) => path.at(-1) === '[chain cut at 2 wakers]');
    expect(sumUs(cut) / sumUs(paths)).toBeGreaterThan(0.95);
    for (const { path } of cut) expect(path).toContain('stage-c');
  });

  test('maps that are too small lose rows under their own counter, and exact totals stay right', async () => {
    const traced = await trace({ ...EXACT, mapSizes: { rows: 8, stacks: 8 } }, ['convoy', 4, 20, 2_000]);
    const lost = losses(traced.windows);
    expect(lost['row-map-full']).toBeGreaterThan(0);
    expect(lost['stack-map-full']).toBeGreaterThan(0);
    const mine = timeByThread(traced.windows, 'exact');
    const holders = traced.windows.flatMap(({ threads }) =>
      threads.tid.filter(
        (_, i) =>
          threads.tgid[i] === traced.tgid && traced.tables.strings[threads.comm[i]!]!.startsWith('holder-'),
      ),
    );
    const { rounds, holdNs } = traced.truth;
    for (const tid of new Set(holders)) {
      expect(mine.get(`${tid} blocked`)!).toBeGreaterThan(rounds! * holdNs! * 0.99);
    }
  });

  test('a thread that is blocked for a whole window is listed with its state and time so far', async () => {
    const collector = await SchedCollector.open({ ...EXACT, filter: { comm: 'long-nap' } });
    keepOpen(collector);
    const running = runWorkload('sleeper', 1, 900_000, 'long-nap');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await collector.collect();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const window = await collector.collect();
    expect(window.openWaits.tid).toHaveLength(1);
    expect(STATES[window.openWaits.state[0]!]).toBe('S');
    expect(window.openWaits.elapsedNs[0]!).toBeGreaterThan(200e6);
    const frames = collector.tables
      .framesLeafFirst(window.openWaits.userStack[0]!)
      .map((f) => collector.tables.frameLabel(f));
    expect(frames[0]).toBe('nap_here');
    expect(window.rows.tid).toHaveLength(0);
    await running;
  });
});

/** A thread beside the first, once there is one. Its tid need not be the next: others on the host make threads too. */
async function aThreadOf(tgid: number): Promise<number> {
  while (true) {
    const tid = readdirSync(`/proc/${tgid}/task`).find((name) => name !== String(tgid));
    if (tid !== undefined) return Number(tid);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** The comm at the end of the first waker level of a chain path. */
function nextComm(path: readonly string[]): string | undefined {
  const first = path.indexOf('--');
  const second = path.indexOf('--', first + 1);
  return path.at(second === -1 ? -1 : second - 1);
}

function isInOrder(path: readonly string[], expected: readonly string[]): boolean {
  let at = 0;
  for (const label of path) if (label === expected[at]) at++;
  return at === expected.length;
}
