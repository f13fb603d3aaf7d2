import { probeBpf } from '@stallscope/libbpf';
import { kernelSuites, startWorkload } from '@stallscope/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { LatencyProbe } from './latency-probe.js';
import { countsOf, faultsOf, type MeasuredLatencies, totalsOf, truthOf } from './latency-truth.js';
import { TCP_ROUTE } from './tcp-route.js';

const onKernel = kernelSuites({ describe, test }, () => {
  const access = probeBpf();
  return access.ok ? undefined : `BPF is refused: ${access.cause}`;
});

/** Before the SYN (the route is looked up) and after the answer (ours is sent, the caller gets a CPU). */
const OUTSIDE_NS = 100_000;
const TIMES = 200;

onKernel('TCP connects', () => {
  let probe: LatencyProbe | undefined;
  afterEach(() => {
    probe?.close();
    probe = undefined;
  });

  test('are counted by outcome, thread and length, as those who connect measure them', async () => {
    probe = LatencyProbe.open(TCP_ROUTE, { excludeTgids: [] });
    const workload = startWorkload<MeasuredLatencies>('connects', TIMES);
    const truth = await workload.ended;
    probe.flip();
    const { latencies, losses } = probe.drain();
    expect(losses).toEqual({});
    const seen = countsOf(TCP_ROUTE, latencies, truth.tgid);
    const measured = truthOf(truth);
    expect(totalsOf(seen)).toEqual(totalsOf(measured));
    expect(faultsOf(seen, measured, { outsideNs: OUTSIDE_NS, shareHeld: 0.5 })).toEqual([]);

    const own = latencies.filter(({ tgid }) => tgid === truth.tgid);
    const total = (operation: string, target: string): number =>
      own
        .filter((row) => TCP_ROUTE.operationOf(row.operation) === operation)
        .filter((row) => TCP_ROUTE.targetOf(row.target) === target)
        .reduce((sum, { count }) => sum + count, 0);
    expect(total('refused', 'IPv4')).toBe(TIMES);
    expect(total('refused', 'IPv6')).toBe(TIMES);
    expect(total('connected', 'IPv6')).toBe(TIMES);
    // And those that filled two backlogs, and one that waited for room in one.
    expect(total('connected', 'IPv4')).toBe(TIMES + 3);
  });

  test('of other processes than those that are asked for are not counted', async () => {
    probe = LatencyProbe.open(TCP_ROUTE, { excludeTgids: [], filter: { tgids: [process.pid] } });
    await startWorkload<MeasuredLatencies>('connects', 1).ended;
    probe.flip();
    expect(probe.drain()).toMatchObject({ latencies: [], losses: {} });
  });
});
