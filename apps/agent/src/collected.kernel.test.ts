/** What is collected on demand, on this kernel: what is loaded and for how long, what it costs, and lengths to a quarter of an octave. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { bucketOf, LATENCY_PROBES, octaveFromNs, QUARTERS } from '@stallscope/latency';
import { listPrograms, probeBpf } from '@stallscope/libbpf';
import { KINDS, ON_CPU, PROBE_STATES, type ProfileTables, type ProfileWindow } from '@stallscope/profile';
import type { Collectible } from '@stallscope/protocol';
import { kernelSuites, readBpfDescriptors, startWorkload } from '@stallscope/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { closeTraced, keepOpen, losses, trace } from '../truth/trace.js';
import { SchedCollector } from './sched-collector.js';

const onKernel = kernelSuites({ describe, test }, () => {
  const access = probeBpf();
  return access.ok ? undefined : access.cause;
});

let peer: ChildProcess | undefined;

afterEach(async () => {
  peer?.kill('SIGKILL');
  peer = undefined;
  await closeTraced();
});

const LENGTHS = LATENCY_PROBES.indexOf('lengths');

function wants(...names: Collectible[]): ReadonlySet<Collectible> {
  return new Set(names);
}

/** Programs that this process holds, by name: the kernel keeps the first 15 characters. */
function ownPrograms(): string[] {
  const ids = new Set(readBpfDescriptors(process.pid).programIds);
  return listPrograms()
    .filter(({ id }) => ids.has(id))
    .map(({ name }) => name);
}

function stateOf(window: ProfileWindow, tables: ProfileTables, name: string): string | undefined {
  const at = window.probes.name.findIndex((id) => tables.strings[id] === name);
  return at < 0 ? undefined : PROBE_STATES[window.probes.state[at]!];
}

/** Counts of `latencies` of the scheduler probe by `tid kind bucket`. */
function lengthsOf(windows: readonly ProfileWindow[], tables: ProfileTables): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { latencies } of windows) {
    for (const [i, count] of latencies.count.entries()) {
      if (latencies.probe[i] !== LENGTHS) continue;
      const key = `${latencies.tid[i]} ${tables.strings[latencies.operation[i]!]} ${latencies.bucket[i]}`;
      counts.set(key, (counts.get(key) ?? 0) + count);
    }
  }
  return counts;
}

onKernel('what nobody asks for', () => {
  test('has no program in the kernel; asked for it has, from the next window on, and let go of it has none again', async () => {
    const collector = keepOpen(await SchedCollector.open({ tauNs: 1e6, cpuHz: 99, collected: wants() }));
    expect(ownPrograms()).not.toContain('sample_cpu');
    const load = startWorkload('spinner', 3_000);
    try {
      const before = await collector.collect();
      expect(stateOf(before, collector.tables, 'cpu')).toBeUndefined();

      collector.setCollected(wants('cpu', 'lengths'));
      await sleep(100);
      const asked = await collector.collect();
      expect(ownPrograms()).toContain('sample_cpu');
      expect(stateOf(asked, collector.tables, 'cpu')).toBe('starting');
      expect(stateOf(asked, collector.tables, 'lengths')).toBe('starting');
      expect(asked).toMatchObject({ cpuPeriodNs: 0, lengthsAreFine: false });

      await sleep(300);
      const whole = await collector.collect();
      expect(stateOf(whole, collector.tables, 'cpu')).toBe('on');
      expect(stateOf(whole, collector.tables, 'lengths')).toBe('on');
      expect(whole.lengthsAreFine).toBe(true);
      expect(whole.cpuPeriodNs).toBe(Math.round(1e9 / 99));
      expect(whole.rows.kind.filter((kind) => kind === ON_CPU).length).toBeGreaterThan(0);
      expect(whole.latencies.count.length).toBeGreaterThan(0);

      collector.setCollected(wants());
      const last = await collector.collect();
      expect(stateOf(last, collector.tables, 'cpu')).toBe('on');
      expect(ownPrograms()).not.toContain('sample_cpu');
      await sleep(100);
      const after = await collector.collect();
      expect(after).toMatchObject({ cpuPeriodNs: 0, lengthsAreFine: false });
      expect(after.rows.kind).not.toContain(ON_CPU);
      expect(after.rows.quarter.every((quarter) => quarter === 0)).toBe(true);
      expect(after.latencies.count).toEqual([]);
      expect(stateOf(after, collector.tables, 'cpu')).toBeUndefined();
    } finally {
      await load.stop();
    }
  });
});

onKernel('lengths', () => {
  test('add up to the exact counters, octave by octave and thread by thread, and rows lie in the quarters of theirs', async () => {
    const { windows, tables, tgid } = await trace(
      { tauNs: 0, collected: wants('lengths'), filter: { comm: 'storm' } },
      ['storm', 20, 300, 2],
    );
    expect(losses(windows)).toEqual({});
    expect(windows.every(({ lengthsAreFine }) => lengthsAreFine)).toBe(true);
    const counted = new Map<string, number>();
    for (const { threads } of windows) {
      for (const [i, tid] of threads.tid.entries()) {
        for (const kind of KINDS) {
          const count = threads[`${kind}Count`][i]!;
          if (count > 0) counted.set(`${tid} ${kind}`, (counted.get(`${tid} ${kind}`) ?? 0) + count);
        }
      }
    }
    const byThread = new Map<string, number>();
    const byOctave = new Map<string, number>();
    for (const { latencies } of windows) {
      for (const [i, count] of latencies.count.entries()) {
        const kind = tables.strings[latencies.operation[i]!];
        const thread = `${latencies.tid[i]} ${kind}`;
        byThread.set(thread, (byThread.get(thread) ?? 0) + count);
        const octave = `${latencies.tgid[i]} ${kind} ${Math.floor(latencies.bucket[i]! / QUARTERS)}`;
        byOctave.set(octave, (byOctave.get(octave) ?? 0) + count);
      }
    }
    expect(byThread).toEqual(counted);
    const histograms = new Map<string, number>();
    for (const { histograms: table } of windows) {
      for (const [i, count] of table.count.entries()) {
        const key = `${table.tgid[i]} ${KINDS[table.kind[i]!]} ${table.bucket[i]}`;
        histograms.set(key, (histograms.get(key) ?? 0) + count);
      }
    }
    expect(byOctave).toEqual(histograms);

    // Each wait was captured: rows say the same, and a row of one wait has the bucket that its length has here.
    const ofRows = new Map<string, number>();
    for (const { rows } of windows) {
      for (const [i, kind] of rows.kind.entries()) {
        const bucket = rows.bucket[i]! * QUARTERS + rows.quarter[i]!;
        const key = `${rows.tid[i]} ${KINDS[kind]} ${bucket}`;
        ofRows.set(key, (ofRows.get(key) ?? 0) + rows.captures[i]!);
        if (rows.captures[i] === 1) expect(bucketOf(rows.estimatedNs[i]!)).toBe(bucket);
      }
    }
    expect(ofRows).toEqual(lengthsOf(windows, tables));
    const naps = windows.flatMap(({ latencies }) => latencies.tgid).filter((one) => one === tgid).length;
    expect(naps).toBeGreaterThan(20);
  });

  test('are those of runqlat, which counts the same waits of the same process by itself', async () => {
    const collector = keepOpen(await SchedCollector.open({ tauNs: 1e6, collected: wants('lengths') }));
    const load = startWorkload('crowd', 5_000, 4);
    // Its threads are all there and take turns.
    await sleep(500);
    peer = spawn('runqlat', ['-p', String(load.tgid), '100'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const closed = once(peer, 'close');
    let said = '';
    peer.stdout!.on('data', (chunk) => {
      said += chunk;
    });
    while (readBpfDescriptors(peer.pid!).linkIds.length < 3) await sleep(20);
    await collector.collect();
    await sleep(3_500);
    peer.kill('SIGINT');
    const window = await collector.collect();
    await closed;
    await load.stop();

    const theirs = new Map<number, number>();
    for (const [, from, , count] of said.matchAll(/^\s*(\d+) -> (\d+)\s*: (\d+)/gm)) {
      if (Number(count) > 0) theirs.set(Number(from), Number(count));
    }
    const ours = new Map<number, number>();
    const { latencies } = window;
    for (const [i, count] of latencies.count.entries()) {
      const kind = collector.tables.strings[latencies.operation[i]!];
      if (latencies.tgid[i] !== load.tgid || kind === 'blocked') continue;
      // The first row of runqlat is 0 and 1 µs.
      const fromUs = octaveFromNs(Math.floor(latencies.bucket[i]! / QUARTERS)) / 1000;
      const row = fromUs < 2 ? 0 : fromUs;
      ours.set(row, (ours.get(row) ?? 0) + count);
    }
    const total = (of: Map<number, number>): number =>
      [...of.values()].reduce((sum, count) => sum + count, 0);
    expect(total(theirs), said).toBeGreaterThan(500);
    // The two began and ended within some milliseconds of each other.
    expect(total(ours) / total(theirs)).toBeGreaterThan(0.93);
    expect(total(ours) / total(theirs)).toBeLessThan(1.07);
    let apart = 0;
    for (const row of new Set([...theirs.keys(), ...ours.keys()])) {
      apart += Math.abs((theirs.get(row) ?? 0) / total(theirs) - (ours.get(row) ?? 0) / total(ours)) / 2;
    }
    // It takes its time a microsecond later, at the other end of the wake: few waits lie so near an edge.
    expect(apart, `${said}\nours ${JSON.stringify([...ours])}`).toBeLessThan(0.06);
  });
});

onKernel('costs', () => {
  test('are what the kernel says of the programs, of windows that it counted whole, and of no others', async () => {
    const collector = keepOpen(await SchedCollector.open({ tauNs: 1e6, cpuHz: 99 }));
    const load = startWorkload('storm', 50, 500, 8);
    try {
      const costsOf = (window: ProfileWindow, name: string) => {
        const at = window.probes.name.findIndex((id) => collector.tables.strings[id] === name);
        const { isMeasured, runNs, runCount } = window.probes;
        return { isMeasured: isMeasured[at], runNs: runNs[at], runCount: runCount[at] };
      };
      const free = await collector.collect();
      expect(costsOf(free, 'sched')).toEqual({ isMeasured: 0, runNs: 0, runCount: 0 });
      collector.setCollected(wants('cpu', 'costs'));
      expect(costsOf(await collector.collect(), 'sched').isMeasured).toBe(0);
      const before = bpftoolRuns();
      await sleep(1_500);
      const window = await collector.collect();
      const after = bpftoolRuns();
      const { isMeasured, runNs, runCount } = costsOf(window, 'sched');
      expect(isMeasured).toBe(1);
      expect(runCount!).toBeGreaterThan(1_000);
      // bpftool is asked some milliseconds before and after, in which its own switches are counted too.
      expect(runNs! / (after.runNs - before.runNs)).toBeGreaterThan(0.75);
      expect(runNs! / (after.runNs - before.runNs)).toBeLessThanOrEqual(1.1);
      expect(runCount! / (after.runCount - before.runCount)).toBeGreaterThan(0.75);
      expect(costsOf(window, 'cpu').runCount!).toBeGreaterThan(0);
      collector.setCollected(wants('cpu'));
      expect(costsOf(await collector.collect(), 'sched').isMeasured).toBe(0);
      await sleep(50);
      expect(costsOf(await collector.collect(), 'sched')).toEqual({ isMeasured: 0, runNs: 0, runCount: 0 });
    } finally {
      await load.stop();
    }
  });
});

/** What `bpftool prog` says of this process's programs of the scheduler probe. */
function bpftoolRuns(): { runNs: number; runCount: number } {
  const ids = new Set(readBpfDescriptors(process.pid).programIds);
  const listed = JSON.parse(
    execFileSync('/usr/sbin/bpftool', ['-j', 'prog', 'show'], { encoding: 'utf8' }),
  ) as {
    id: number;
    name?: string;
    run_time_ns?: number;
    run_cnt?: number;
  }[];
  const own = listed.filter(({ id, name = '' }) => ids.has(id) && /^(sched_|drain_)/.test(name));
  return {
    runNs: own.reduce((sum, { run_time_ns = 0 }) => sum + run_time_ns, 0),
    runCount: own.reduce((sum, { run_cnt = 0 }) => sum + run_cnt, 0),
  };
}
