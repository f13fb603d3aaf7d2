/**
 * Stacks are taken in cheap ways: of sleepers out of their memory, and of those that lie as they lay by their places. Here
 * each is taken in the dear way too, and must be the same.
 */
import { readFileSync } from 'node:fs';
import { probeBpf } from '@stallscope/libbpf';
import type { ProfileWindow } from '@stallscope/profile';
import { kernelSuites, runWorkload, startWorkload } from '@stallscope/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { type CollectorOptions, SchedCollector } from './sched-collector.js';

const onKernel = kernelSuites({ describe, test }, () => {
  const access = probeBpf();
  return access.ok ? undefined : access.cause;
});

let open: SchedCollector | undefined;

afterEach(() => {
  open?.close();
  open = undefined;
});

async function start(options: CollectorOptions): Promise<SchedCollector> {
  open = await SchedCollector.open(options);
  return open;
}

/** Leaf-first names of the user frames of each row. */
function userStacks(collector: SchedCollector, { rows }: ProfileWindow): Set<string> {
  const { tables } = collector;
  return new Set(
    rows.userStack.map((stack) =>
      tables
        .framesLeafFirst(stack)
        .map((frame) => tables.frameLabel(frame))
        .join(';'),
    ),
  );
}

/** Once it has its name, nothing but its nap is a sleep that a signal ends. @throws when it has gone */
async function untilAsleep(tgid: number, comm: string): Promise<void> {
  for (;;) {
    const [, name, state] = /\((.*)\) (\S)/.exec(readFileSync(`/proc/${tgid}/stat`, 'utf8'))!;
    if (name === comm && state === 'S') return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

onKernel('stacks taken in the cheap way', () => {
  for (const [mode, tauNs, enough] of [
    ['exact', 0, 20_000],
    ['sampled', 50_000, 500],
  ] as const) {
    const workloads: [comm: string, run: [string, ...number[]]][] = [
      ['switcher', ['switcher', 20_000, 2, 500]],
      ['ping', ['ping-pong', 30_000, 5]],
      ['holder-1', ['convoy', 3, 2_000, 100]],
    ];
    for (const [comm, workload] of workloads) {
      test(`are those of the dear way: ${workload[0]}, ${mode}`, async () => {
        const collector = await start({ tauNs, checkStacks: true, filter: { comm } });
        expect(collector.readsSleepers, 'the direct map was found').toBe(true);
        await runWorkload(...workload);
        await collector.finish();
        const { checked, different } = collector.stackChecks;
        expect(checked).toBeGreaterThan(comm === 'holder-1' ? 500 : enough);
        expect(different).toBe(0);
      });
    }
  }

  test('are the same as those walked at every switch-out', async () => {
    const seen: Set<string>[] = [];
    for (const walkAtSwitchOut of [false, true]) {
      const collector = await start({ tauNs: 50_000, walkAtSwitchOut, filter: { comm: 'switcher' } });
      expect(collector.readsSleepers).toBe(!walkAtSwitchOut);
      const switcher = startWorkload('switcher', 20_000, 1_000, 64);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      // While it runs: of a process that has gone the functions have no names.
      const stacks = userStacks(collector, await collector.collect());
      await switcher.stop();
      collector.close();
      // Ten calls deep it reads and writes; elsewhere it may be preempted.
      const deep = [...stacks].filter((stack) => stack.match(/\b(left|right)\b/g)?.length === 10);
      seen.push(new Set(deep));
    }
    expect(seen[0]!.size).toBeGreaterThan(50);
    expect(seen[0]).toEqual(seen[1]);
  });

  test('are there of a thread that has slept since before tracing began', async () => {
    // Longer than any machine takes to begin tracing: it is stopped when it has been seen.
    const asleep = startWorkload('sleeper', 1, 600_000_000, 'slept-before');
    await untilAsleep(asleep.tgid, 'slept-before');
    const collector = await start({ tauNs: 0, filter: { tgids: [asleep.tgid] } });
    const { openWaits } = await collector.collect();
    await asleep.stop();
    const names = openWaits.tid.map((_, i) =>
      collector.tables.framesLeafFirst(openWaits.userStack[i]!).map((f) => collector.tables.frameLabel(f)),
    );
    expect(names).toHaveLength(1);
    expect(names[0]!.slice(0, 2)).toEqual(['nap_here', 'main']);
  });
});
