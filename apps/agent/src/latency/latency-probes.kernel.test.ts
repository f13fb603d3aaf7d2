/** Latency probes on demand: on when they are asked for, in the windows of the scheduler probe, and gone when they are not. */
import { LATENCY_PROBES } from '@stallscope/latency';
import { listPrograms, probeBpf } from '@stallscope/libbpf';
import { PROBE_STATES, type ProfileTables, type ProfileWindow } from '@stallscope/profile';
import { kernelSuites, readBpfDescriptors, startWorkload } from '@stallscope/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { SchedCollector } from '../sched-collector.js';
import { BLOCK_ROUTE } from './block-route.js';
import { EXT4_ROUTE } from './ext4-route.js';
import { FUTEX_ROUTE } from './futex-route.js';
import { LatencyProbes } from './latency-probes.js';
import type { LatencyRoute } from './latency-route.js';
import { SYSCALLS_ROUTE } from './syscalls-route.js';
import { bucketsOfLengths, type OwnLengths, strayBuckets } from './traced-latencies.js';

const onKernel = kernelSuites({ describe, test }, () => {
  const access = probeBpf();
  return access.ok ? undefined : access.cause;
});

const ROUTES: readonly LatencyRoute[] = [BLOCK_ROUTE, EXT4_ROUTE, SYSCALLS_ROUTE, FUTEX_ROUTE];

/** What this process holds of programs, and has attached. */
function held(): { programs: number[]; links: number[] } {
  const { programIds, linkIds } = readBpfDescriptors(process.pid);
  return { programs: programIds, links: linkIds };
}

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

onKernel('a latency probe', () => {
  test.each(ROUTES)('$name: nothing of it is left in the kernel once nobody asks for it', async (route) => {
    const probes = new LatencyProbes({ excludeTgids: [process.pid] }, [route]);
    open.push(probes);
    // Asking what the host can loads programs for an instant.
    probes.capabilities();
    expect(held().programs).toEqual([]);

    probes.setCollected(new Set([route.name]));
    expect(held().programs).toEqual([]);
    probes.prepare();
    const during = held();
    expect(during.programs.length).toBeGreaterThan(0);
    expect(during.links.length).toBe(during.programs.length);
    const ids = new Set(during.programs);
    probes.flip();
    expect(probes.drain().reports.map(({ state }) => state)).toEqual(['starting']);
    probes.prepare();
    probes.flip();
    expect(probes.drain().reports.map(({ state }) => state)).toEqual(['on']);

    probes.setCollected(new Set());
    probes.prepare();
    probes.flip();
    // Detached already, though its last counts are still to be read.
    expect(held().links).toEqual([]);
    expect(probes.drain().reports.map(({ state }) => state)).toEqual(['on']);
    expect(held().programs).toEqual([]);
    // The kernel frees what nobody holds a moment later.
    await expect.poll(() => listPrograms().filter(({ id }) => ids.has(id))).toEqual([]);
    probes.prepare();
    probes.flip();
    expect(probes.drain().reports).toEqual([]);
  });

  test('that the kernel refuses says why, stays refused while it is asked for, and does not keep others', () => {
    let attempts = 0;
    const refused: LatencyRoute = {
      ...FUTEX_ROUTE,
      programs: () => {
        attempts++;
        return { begins: ['no_such_program'], ends: [] };
      },
    };
    const probes = new LatencyProbes({ excludeTgids: [] }, [SYSCALLS_ROUTE, refused]);
    open.push(probes);
    const wants = new Set(['syscalls', 'futex']);
    probes.setCollected(wants);
    for (let window = 0; window < 3; window++) {
      probes.prepare();
      probes.flip();
      const { reports } = probes.drain();
      expect(reports.map(({ name }) => name)).toEqual(['syscalls', 'futex']);
      expect(reports[1]).toMatchObject({ state: 'refused', latencies: [] });
      expect(reports[1]!.detail).toContain('no_such_program');
    }
    expect(attempts).toBe(1);
    probes.setCollected(new Set());
    probes.prepare();
    probes.flip();
    probes.drain();
    probes.setCollected(wants);
    probes.prepare();
    expect(attempts).toBe(2);
  });
});

/** Windows of 100 ms while `workload` runs. */
async function collectWhile<Truth>(
  collector: SchedCollector,
  ended: Promise<Truth>,
): Promise<{ truth: Truth; windows: ProfileWindow[] }> {
  const windows: ProfileWindow[] = [];
  let isOver = false;
  const over = ended.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 100))]);
    windows.push(await collector.collect());
  }
  return { truth: await over, windows };
}

function probeStates({ strings }: ProfileTables, { probes }: ProfileWindow): Record<string, string> {
  return Object.fromEntries(
    probes.name.map((name, i) => [strings[name]!, PROBE_STATES[probes.state[i]!]!] as const),
  );
}

onKernel('windows of the scheduler probe', () => {
  test('have all that was counted, each operation in one of them', async () => {
    const collector = await SchedCollector.open({ tauNs: 1e6, filter: { comm: 'own-calls' } });
    open.push(collector);
    collector.setCollected(new Set(['syscalls', 'futex', 'vitals-cpu']));
    const first = await collector.collect();
    expect(first.latencies.count).toEqual([]);
    expect(probeStates(collector.tables, first)).toMatchObject({ syscalls: 'starting', futex: 'starting' });

    const { ended } = startWorkload<OwnLengths>('own-calls', 7, 100, 50, 5_000);
    const { truth, windows } = await collectWhile(collector, ended);
    expect(windows.length).toBeGreaterThan(2);
    const { strings } = collector.tables;
    const bucketsOf = (probe: string, operation: string): number[] =>
      windows
        .flatMap(({ latencies }) =>
          latencies.count.flatMap((count, i) =>
            LATENCY_PROBES[latencies.probe[i]!] === probe &&
            strings[latencies.operation[i]!] === operation &&
            latencies.tgid[i] === truth.tgid
              ? Array.from({ length: count }, () => latencies.bucket[i]!)
              : [],
          ),
        )
        .toSorted((a, b) => a - b);
    for (const [probe, operation] of [
      ['syscalls', 'nanosleep'],
      ['syscalls', 'ppoll'],
      ['futex', 'wait'],
      ['futex', 'futex_waitv'],
    ] as const) {
      const own = bucketsOfLengths(truth.lengths[operation]!);
      const counted = bucketsOf(probe, operation);
      expect(counted).toHaveLength(own.length);
      expect(strayBuckets(counted, own, 1)).toBeLessThanOrEqual(own.length / 20);
    }
    for (const window of windows) {
      expect(probeStates(collector.tables, window)).toMatchObject({ syscalls: 'on', futex: 'on' });
    }

    collector.setCollected(new Set());
    await collector.collect();
    const last = await collector.collect();
    expect(last.latencies.count).toEqual([]);
    expect(Object.keys(probeStates(collector.tables, last))).not.toContain('syscalls');
  });
});
