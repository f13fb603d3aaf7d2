/**
 * Samples of CPUs on this kernel against workloads that know by their own clocks what they ran, and against the exact
 * counters of the scheduler probe.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { probeBpf, readOnlineCpus } from '@stallscope/libbpf';
import { NONE, ON_CPU, type ProfileWindow, rowCount, SLICE_MS } from '@stallscope/profile';
import { kernelSuites, startWorkload, startWorkloadIn } from '@stallscope/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { cgroup2Root } from '../truth/test-cgroup.js';
import { allLosses, closeTraced, keepOpen, type Traced, trace } from '../truth/trace.js';
import { CpuCollector, MAX_CPU_HZ } from './cpu-collector.js';
import { type CollectorOptions, SchedCollector } from './sched-collector.js';

const onKernel = kernelSuites({ describe, test }, () => {
  const access = probeBpf();
  return access.ok ? undefined : access.cause;
});

afterEach(closeTraced);

const SEED = Number(process.env.STALLSCOPE_SEED ?? 1 + Math.floor(Math.random() * 1e6));
/** Five standard errors: by chance one run in two million is further off. */
const SIGMAS = 5;

interface Sample {
  tid: number;
  comm: string;
  samples: number;
  ns: number;
  /** ms since the epoch at which its slice begins. */
  atMs: number;
  /** Root first, `-` between user and kernel. */
  path: string[];
}

function samplesOf({ windows, tables }: Pick<Traced, 'windows' | 'tables'>, tgid: number): Sample[] {
  const names = (stack: number): string[] =>
    stack === NONE
      ? []
      : tables
          .framesLeafFirst(stack)
          .map((frame) => tables.frameLabel(frame))
          .reverse();
  return windows.flatMap(({ rows, startMs }) =>
    Array.from({ length: rowCount(rows) }, (_, i) => i)
      .filter((i) => rows.kind[i] === ON_CPU && rows.tgid[i] === tgid)
      .map((i) => ({
        tid: rows.tid[i]!,
        comm: tables.strings[rows.comm[i]!]!,
        samples: rows.captures[i]!,
        ns: rows.estimatedNs[i]!,
        atMs: (Math.floor(startMs / SLICE_MS) + rows.slice[i]!) * SLICE_MS,
        path: [...names(rows.userStack[i]!), '-', ...names(rows.kernelStack[i]!)],
      })),
  );
}

function count(samples: readonly Sample[], matches: (sample: Sample) => boolean = () => true): number {
  return samples.reduce((sum, sample) => sum + (matches(sample) ? sample.samples : 0), 0);
}

/** Samples of time that was spent are as many as its periods, within what chance allows and what was lost. */
function expectSamples(found: number, ns: number, periodNs: number, lost = 0): void {
  const expected = ns / periodNs;
  const error = SIGMAS * Math.sqrt(expected) + 1;
  expect(found, `of ${expected.toFixed(1)}`).toBeLessThan(expected + error);
  expect(found, `of ${expected.toFixed(1)}`).toBeGreaterThan(expected - error - lost);
}

async function traceShares(options: Partial<CollectorOptions>, ms = 3_000): Promise<Traced> {
  console.log(`STALLSCOPE_SEED=${SEED}`);
  return trace({ tauNs: 1e6, cpuHz: 199, ...options }, ['shares', ms, SEED]);
}

function lostSamples(windows: readonly ProfileWindow[]): number {
  return allLosses(windows)['cpu-sample-lost'] ?? 0;
}

onKernel('samples of CPUs', () => {
  test('of each function are as many as its share of the time that its threads ran', async () => {
    const traced = await traceShares({});
    const samples = samplesOf(traced, traced.tgid);
    const { threeNs, oneNs, napperNs, kernelNs } = traced.truth as Record<string, number>;
    const periodNs = traced.windows[0]!.cpuPeriodNs;
    expect(periodNs).toBe(Math.round(1e9 / 199));
    const lost = lostSamples(traced.windows);
    const within = (name: string) => count(samples, ({ path }) => path.includes(name));
    expectSamples(within('burn_three'), threeNs!, periodNs, lost);
    expectSamples(within('burn_one'), oneNs!, periodNs, lost);
    expectSamples(within('burn_between_naps'), napperNs!, periodNs, lost);
    expectSamples(within('burn_in_kernel'), kernelNs!, periodNs, lost);
    // Of one thread, its two functions are three to one.
    const three = within('burn_three');
    const share = three / (three + within('burn_one'));
    expect(Math.abs(share - 0.75)).toBeLessThan(SIGMAS * Math.sqrt((0.75 * 0.25) / (three / 0.75)));
  });

  test('have the stacks of the time: user frames under the thread’s start, kernel frames while in the kernel', async () => {
    const traced = await traceShares({ filter: { comm: 'share-kernel' } }, 1_000);
    const samples = samplesOf(traced, traced.tgid);
    expect(new Set(samples.map(({ comm }) => comm))).toEqual(new Set(['share-kernel']));
    const inKernel = samples.filter(({ path }) => path.at(-1) !== '-');
    expect(count(inKernel) / count(samples)).toBeGreaterThan(0.8);
    const reading = inKernel.filter(({ path }) => path.includes('vfs_read'));
    expect(count(reading) / count(inKernel)).toBeGreaterThan(0.8);
    for (const { path } of reading) {
      expect(path.indexOf('kernel_body')).toBeLessThan(path.indexOf('burn_in_kernel'));
      expect(path[path.indexOf('-') - 1]).toBe('burn_in_kernel');
    }
    // Nothing of the measuring itself.
    for (const { path } of samples) expect(path.join(' ')).not.toMatch(/bpf_prog|perf_swevent|__perf_event/);
  });

  test('agree with the exact time on CPU of each thread, and are of no view of waits', async () => {
    const traced = await traceShares({});
    const samples = samplesOf(traced, traced.tgid);
    const exactNs = new Map<number, number>();
    for (const { threads } of traced.windows) {
      for (const [i, tid] of threads.tid.entries())
        exactNs.set(tid, (exactNs.get(tid) ?? 0) + threads.onCpuNs[i]!);
    }
    const tids = new Set(samples.map(({ tid }) => tid));
    expect(tids.size).toBeGreaterThanOrEqual(3);
    const lost = lostSamples(traced.windows);
    for (const tid of tids) {
      const mine = samples.filter((sample) => sample.tid === tid);
      expectSamples(count(mine), exactNs.get(tid)!, traced.windows[0]!.cpuPeriodNs, lost);
    }
  });

  test('keep their time: one burst after another, each within its own span of the wall clock', async () => {
    const collector = keepOpen(
      await SchedCollector.open({ tauNs: 1e6, cpuHz: 499, filter: { comm: 'spinner-0' } }),
    );
    const windows: ProfileWindow[] = [];
    const spans: { tgid: number; fromMs: number; toMs: number }[] = [];
    for (let burst = 0; burst < 3; burst++) {
      const fromMs = Date.now();
      const workload = startWorkload('spinner', 200);
      await workload.ended;
      spans.push({ tgid: workload.tgid, fromMs, toMs: Date.now() });
      // One in the middle of a window, the others at its end.
      if (burst !== 0) windows.push(await collector.collect());
    }
    windows.push(await collector.finish());
    for (const { tgid, fromMs, toMs } of spans) {
      const samples = samplesOf({ windows, tables: collector.tables }, tgid);
      expect(count(samples)).toBeGreaterThan(5);
      for (const { atMs } of samples) {
        // A clock of whole milliseconds, a slice of ten.
        expect(atMs).toBeGreaterThanOrEqual(fromMs - SLICE_MS - 2);
        expect(atMs).toBeLessThanOrEqual(toMs + 2);
      }
    }
  });

  test('leave idle out: what all samples add up to is what all threads ran', async () => {
    const traced = await traceShares({ excludeTgids: [] }, 1_500);
    let samples = 0;
    let exactNs = 0;
    for (const { rows, threads, startMs, endMs } of traced.windows) {
      // The control of the samples is no more than there was: what of a thread was not seen is not taken for running.
      const ranNs = threads.onCpuInWindowNs.reduce((sum, ns, i) => sum + (threads.tid[i] === 0 ? 0 : ns), 0);
      expect(ranNs).toBeLessThan(readOnlineCpus().length * ((endMs - startMs) * 1e6 + 5e6));
      for (const [i, kind] of rows.kind.entries()) {
        if (kind !== ON_CPU) continue;
        samples += rows.captures[i]!;
        expect(rows.tid[i]).not.toBe(0);
      }
      for (const [i, ns] of threads.onCpuNs.entries()) if (threads.tid[i] !== 0) exactNs += ns;
    }
    const periodNs = traced.windows[0]!.cpuPeriodNs;
    expectSamples(samples, exactNs, periodNs, lostSamples(traced.windows));
  });

  test('are of whom the filter names: a process, a thread, a cgroup', async () => {
    const others = startWorkload('spinner', 60_000);
    try {
      const mine = startWorkload('spinner', 60_000, 1);
      try {
        const tid = await firstThreadOf(mine.tgid);
        for (const filter of [{ tgids: [mine.tgid] }, { tids: [tid] }]) {
          const collector = keepOpen(await SchedCollector.open({ tauNs: 1e6, cpuHz: 499, filter }));
          await new Promise((resolve) => setTimeout(resolve, 300));
          const { rows } = await collector.finish();
          await closeTraced();
          const onCpu = rows.tgid.filter((_, i) => rows.kind[i] === ON_CPU);
          expect(onCpu.length).toBeGreaterThan(5);
          expect(new Set(onCpu)).toEqual(new Set([mine.tgid]));
          if (filter.tids !== undefined) {
            const tids = rows.tid.filter((_, i) => rows.kind[i] === ON_CPU);
            expect(new Set(tids)).toEqual(new Set(filter.tids));
          }
        }
      } finally {
        await mine.stop();
      }
      const root = cgroup2Root();
      const directory = join(root, `stallscope-cpu-${process.pid}`);
      mkdirSync(directory);
      try {
        const inside = startWorkloadIn(directory, 'spinner', 60_000);
        try {
          const collector = keepOpen(
            await SchedCollector.open({ tauNs: 1e6, cpuHz: 499, filter: { cgroupPath: directory } }),
          );
          await new Promise((resolve) => setTimeout(resolve, 300));
          const { rows } = await collector.finish();
          const onCpu = rows.tgid.filter((_, i) => rows.kind[i] === ON_CPU);
          expect(onCpu.length).toBeGreaterThan(5);
          expect(new Set(onCpu)).toEqual(new Set([inside.tgid]));
        } finally {
          await inside.stop();
        }
      } finally {
        rmdirSync(directory);
      }
    } finally {
      await others.stop();
    }
  });

  test('a map that is too small loses samples under its own counter', async () => {
    const traced = await traceShares({ cpuHz: 499, mapSizes: { cpuRows: 16 } }, 1_000);
    const all = allLosses(traced.windows);
    expect(all['cpu-row-map-full']).toBeGreaterThan(0);
    // Less what the map of the kernel keeps for each CPU, each window's rows are as many as fit.
    for (const { rows } of traced.windows) {
      expect(rows.kind.filter((kind) => kind === ON_CPU).length).toBeLessThanOrEqual(16);
    }
  });

  test('agree with what perf counts of the same functions', async ({ skip }) => {
    const perf = findPerf();
    if (perf === undefined) skip('perf is not installed: apt-get install linux-perf');
    const collector = keepOpen(
      await SchedCollector.open({ tauNs: 1e6, cpuHz: 199, filter: { comm: 'share-user' } }),
    );
    const workload = startWorkload('shares', 60_000, SEED);
    const data = `/tmp/stallscope-perf-${process.pid}.data`;
    try {
      execFileSync(perf!, [
        ...['record', '-q', '-F', '199', '-e', 'cpu-clock', '-p', String(workload.tgid), '-o', data],
        ...['--', 'sleep', '3'],
      ]);
      // While it lives, so that its frames have names.
      const windows = [await collector.finish()];
      const ours = samplesOf({ windows, tables: collector.tables }, workload.tgid);
      const report = execFileSync(perf!, ['script', '-i', data, '-F', 'comm,ip,sym'], {
        encoding: 'utf8',
        maxBuffer: 64 << 20,
      });
      const lines = report.split('\n');
      const theirs = (name: string): number => lines.filter((line) => line.trim().endsWith(name)).length;
      const share = (three: number, one: number): { share: number; error: number } => ({
        share: three / (three + one),
        error: Math.sqrt((0.75 * 0.25) / (three + one)),
      });
      const peer = share(theirs('burn_three'), theirs('burn_one'));
      const own = share(
        count(ours, ({ path }) => path.includes('burn_three')),
        count(ours, ({ path }) => path.includes('burn_one')),
      );
      expect(Math.abs(own.share - peer.share)).toBeLessThan(SIGMAS * Math.hypot(own.error, peer.error));
    } finally {
      execFileSync('rm', ['-f', data, `${data}.old`]);
      await workload.stop();
    }
  });
});

/** How long a CPU is away, and then watched again. */
const AWAY_MS = 2_000;
const BACK_MS = 500;

onKernel('CPUs that come and go', () => {
  test('are followed: a CPU that comes is sampled from then on, one that goes is left, and what was missed is counted', async () => {
    const host = await SchedCollector.open({ tauNs: 1e6 });
    keepOpen(host);
    const all = readOnlineCpus();
    let online = all.slice(0, 1);
    const collector = CpuCollector.open({
      hz: 199,
      excludeTgids: [],
      stacks: host.stacks,
      onlineCpus: () => online,
    });
    try {
      expect(collector.cpus).toEqual(online);
      online = all;
      collector.flip();
      const { losses } = collector.drain(1e9);
      expect(collector.cpus.toSorted((a, b) => a - b)).toEqual(all);
      if (all.length > 1) expect(losses['cpu-sample-lost']).toBeGreaterThanOrEqual(198 * (all.length - 1));
      online = all.slice(0, 1);
      collector.flip();
      collector.drain(1e9);
      expect(collector.cpus).toEqual(online);
      if (all.length === 1) return;
      const workload = startWorkload('spinner', 60_000);
      try {
        await pause(AWAY_MS);
        online = all;
        collector.flip();
        collector.drain(0);
        // A CPU that was away had no samples to lose: once it is back, that time is not counted as missed.
        await pause(BACK_MS);
        collector.flip();
        const { rows, losses: late } = collector.drain(0);
        const samples = rows.reduce((sum, row) => sum + row.samples, 0);
        expect(samples).toBeGreaterThan(BACK_MS / 10);
        expect(late['cpu-sample-lost'] ?? 0).toBeLessThan((AWAY_MS * 199) / 1000 / 2);
      } finally {
        await workload.stop();
      }
    } finally {
      collector.close();
    }
  });
});

test.each([0, -1, 1.5, MAX_CPU_HZ + 1, Number.NaN])('%s Hz is refused', async (hz) => {
  expect(() => CpuCollector.open({ hz, excludeTgids: [], stacks: undefined as never })).toThrow(
    `sampling CPUs at ${hz} Hz: a whole number from 1 to ${MAX_CPU_HZ} is accepted`,
  );
});

/** The first that a process starts beside its own, once it has. */
async function firstThreadOf(tgid: number): Promise<number> {
  const others = (): number[] =>
    readdirSync(`/proc/${tgid}/task`)
      .map(Number)
      .filter((tid) => tid !== tgid);
  await expect.poll(() => others().length).toBeGreaterThan(0);
  return others()[0]!;
}

function findPerf(): string | undefined {
  try {
    execFileSync('perf', ['--version'], { stdio: 'ignore' });
    return 'perf';
  } catch {
    return undefined;
  }
}
