/** The life of each thread in each window on this kernel, against threads that know the parts of theirs, and the kernel's own accounts. */
import { readdirSync, readFileSync } from 'node:fs';
import { probeBpf } from '@stallscope/libbpf';
import type { ProfileWindow } from '@stallscope/profile';
import { kernelSuites, startWorkload } from '@stallscope/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { closeTraced, keepOpen, trace } from '../truth/trace.js';
import { SchedCollector } from './sched-collector.js';

const onKernel = kernelSuites({ describe, test }, () => {
  const access = probeBpf();
  return access.ok ? undefined : access.cause;
});

afterEach(closeTraced);

interface Account {
  name: string;
  tid: number;
  elapsedNs: number;
  cpuNs: number;
  /** Runnable and not running, from its birth until it closed its account. */
  bornQueuedNs: number;
  waits: { askedNs: number; tookNs: number }[];
}

interface Life {
  blockedNs: number;
  runqNs: number;
  preemptedNs: number;
  onCpuNs: number;
  wholeNs: number;
}

function lifeOf(windows: readonly ProfileWindow[], tid: number): Life {
  const life = { blockedNs: 0, runqNs: 0, preemptedNs: 0, onCpuNs: 0, wholeNs: 0 };
  for (const { threads } of windows) {
    for (let at = 0; at < threads.tid.length; at++) {
      if (threads.tid[at] !== tid) continue;
      life.blockedNs += threads.blockedInWindowNs[at]!;
      life.runqNs += threads.runqInWindowNs[at]!;
      life.preemptedNs += threads.preemptedInWindowNs[at]!;
      life.onCpuNs += threads.onCpuInWindowNs[at]!;
    }
  }
  life.wholeNs = life.blockedNs + life.runqNs + life.preemptedNs + life.onCpuNs;
  return life;
}

/** A thread lives a little before it opens its account, and after it has closed it: it is made, waits for a CPU, and ends. */
const UNACCOUNTED_NS = 2e6;

onKernel('the life of a thread in a window', () => {
  test('has the parts that threads know of themselves: of one that never waits, that sleeps for all of it, and that is born and dies in it', async () => {
    const traced = await trace<{ threads: Account[] }>({ tauNs: 1_000_000 }, ['lives', 1_500], {
      windowMs: 250,
    });
    const { windows } = traced;
    const seen = new Set<string>();
    for (const account of traced.truth.threads) {
      const life = lifeOf(windows, account.tid);
      const { elapsedNs, cpuNs, bornQueuedNs, waits } = account;
      const aside = 0.02 * elapsedNs + UNACCOUNTED_NS;
      const why = `${account.name}: ${JSON.stringify({ life, account })}`;
      // It may have waited long for its first CPU, or for the one on which it ended, before and after its account.
      expect(life.wholeNs, why).toBeGreaterThan(elapsedNs - aside);
      expect(life.wholeNs - elapsedNs, why).toBeLessThan(aside + life.runqNs + life.preemptedNs);
      expect(Math.abs(life.onCpuNs - cpuNs), why).toBeLessThan(aside);
      // No shorter than it asked for, no longer than it took by its own clock, which counts the wait for a CPU after it.
      const { askedNs, tookNs } = waits[0] ?? { askedNs: 0, tookNs: 0 };
      expect(life.blockedNs, why).toBeGreaterThanOrEqual(0.98 * askedNs);
      expect(life.blockedNs, why).toBeLessThan(tookNs + aside);
      // A task that falls asleep may stay in its queue until it has made up for its lag (delayed dequeue), and the kernel's
      // account of queueing goes on. What it has beyond all that the thread lived is such sleep, and no more than it slept.
      const asleepInQueue = Math.min(tookNs, Math.max(0, bornQueuedNs + askedNs + cpuNs - life.wholeNs));
      expect(life.runqNs + life.preemptedNs, why).toBeGreaterThan(bornQueuedNs - asleepInQueue - aside);
      seen.add(account.name.replace(/-.*/, ''));
    }
    expect([...seen].sort()).toEqual(['brief', 'half', 'hog', 'sleeper']);
  });

  test('is the whole window for each thread that was there before it began and after it ended, whatever it did', async () => {
    const workload = startWorkload('lives', 30_000, 'alone');
    const collector = keepOpen(await SchedCollector.open({ tauNs: 1_000_000 }));
    try {
      const windows: ProfileWindow[] = [];
      // Where others want the CPU it may take a while until the hog has one for all of a window.
      while (windows.length < 8 || (windows.length < 60 && throughoutOf(windows).length === 0)) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        windows.push(await collector.collect());
      }
      const lasting = windows.map(({ threads }) => new Set(threads.tid));
      for (let n = 1; n + 1 < windows.length; n++) {
        const { threads, startMs, endMs } = windows[n]!;
        const lengthNs = (endMs - startMs) * 1e6;
        let whole = 0;
        for (const tid of threads.tid) {
          if (!lasting[n - 1]!.has(tid) || !lasting[n + 1]!.has(tid)) continue;
          const life = lifeOf([windows[n]!], tid);
          expect(Math.abs(life.wholeNs / lengthNs - 1), `${tid}: ${JSON.stringify(life)}`).toBeLessThan(0.02);
          whole++;
        }
        expect(whole).toBeGreaterThan(20);
      }
      // A thread that ran through all of a window, and one that slept through all of them.
      const asleep = windows[5]!.threads.blockedInWindowNs.filter(
        (ns) => ns >= (windows[5]!.endMs - windows[5]!.startMs) * 1e6 * 0.999,
      );
      expect(asleep.length).toBeGreaterThan(10);
      expect(throughoutOf(windows).length).toBeGreaterThan(0);
    } finally {
      await workload.stop();
    }
  });

  test('agrees with what the kernel itself keeps in schedstat, and all threads together with the number of CPUs', async () => {
    const workload = startWorkload('spinner', 60_000, 1);
    const collector = keepOpen(await SchedCollector.open({ tauNs: 1_000_000 }));
    try {
      await collector.collect();
      const before = schedstat(workload.tgid);
      const beforeMs = Date.now();
      const windows = [];
      for (let turn = 0; turn < 4; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 250));
        windows.push(await collector.collect());
      }
      const after = schedstat(workload.tgid);
      const afterMs = Date.now();
      const lengthNs = windows.reduce((sum, { startMs, endMs }) => sum + (endMs - startMs) * 1e6, 0);
      for (const [tid, { ranNs }] of after) {
        const kernelNs = ranNs - before.get(tid)!.ranNs;
        const life = lifeOf(windows, tid);
        // Read once a window had been made, so that much after its end; the kernel's own account lags by a tick.
        const lateNs = (beforeMs - windows[0]!.startMs + (afterMs - windows.at(-1)!.endMs)) * 1e6;
        expect(
          Math.abs(life.onCpuNs - kernelNs),
          `${tid}: ${JSON.stringify({ life, kernelNs, lateNs })}`,
        ).toBeLessThan(0.03 * lengthNs + lateNs);
      }
      const onCpuNs = windows.reduce(
        (sum, { threads }) => sum + threads.onCpuInWindowNs.reduce((a, b) => a + b, 0),
        0,
      );
      const cpus = onCpuNs / lengthNs;
      // One spinner a CPU: none is idle. The tracer itself is left out, and may use a part of one.
      expect(cpus).toBeLessThan(1.02 * onlineCpus());
      expect(cpus).toBeGreaterThan(0.85 * onlineCpus());
    } finally {
      await workload.stop();
    }
  });
});

/** tids that were on a CPU for all of a window. */
function throughoutOf(windows: readonly ProfileWindow[]): number[] {
  return windows.flatMap(({ threads, startMs, endMs }) =>
    threads.tid.filter((_, at) => threads.onCpuInWindowNs[at]! >= (endMs - startMs) * 1e6 * 0.999),
  );
}

function onlineCpus(): number {
  return readFileSync('/proc/stat', 'utf8').match(/^cpu\d/gm)!.length;
}

/** By tid, of the spinning threads of a process. */
function schedstat(tgid: number): Map<number, { ranNs: number }> {
  const threads = new Map<number, { ranNs: number }>();
  for (const tid of readdirSync(`/proc/${tgid}/task`).map(Number)) {
    if (tid === tgid) continue;
    const [ranNs] = readFileSync(`/proc/${tgid}/task/${tid}/schedstat`, 'utf8').split(' ').map(Number);
    threads.set(tid, { ranNs: ranNs! });
  }
  return threads;
}
