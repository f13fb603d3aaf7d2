/** Owns what tests of latency probes share: one probe on for as long as something runs, and what it counted, in words. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bucketOf, type LatencyProbe as LatencyProbeName } from '@stallscope/latency';
import type { Loss, LossCounts } from '@stallscope/profile';
import type { LatencyOptions } from './latency-probe.js';
import { LatencyProbes } from './latency-probes.js';

/** What a workload prints of itself: probes/workloads/own-lengths.h. */
export interface OwnLengths {
  tgid: number;
  tid: number;
  /** ns, by operation, in the order in which they came. */
  lengths: Record<string, number[]>;
}

export interface NamedLatency {
  tgid: number;
  tid: number;
  operation: string;
  target: string;
  bucket: number;
  count: number;
}

export interface TracedLatencies<Value> {
  value: Value;
  latencies: NamedLatency[];
  losses: LossCounts;
}

/** What no program may hold any longer by the time that a window is drained: a test has no grace period to wait for. */
const SETTLED_MS = 50;

/** In one window that is as long as `body` runs. */
export async function traceLatencies<Value>(
  name: LatencyProbeName,
  body: () => Promise<Value>,
  options: Partial<LatencyOptions> = {},
): Promise<TracedLatencies<Value>> {
  const probes = new LatencyProbes({ excludeTgids: [process.pid], ...options });
  try {
    probes.setCollected(new Set([name]));
    probes.prepare();
    probes.flip();
    probes.drain();
    const value = await body();
    probes.flip();
    probes.detach();
    await sleep(SETTLED_MS);
    const { reports, losses } = probes.drain();
    const latencies = reports.flatMap(({ state, detail, latencies: rows, route }) => {
      if (state !== 'on') throw new Error(`the ${name} probe is ${state}: ${detail}`);
      return rows.map(({ operation, target, ...rest }) => ({
        ...rest,
        operation: route.operationOf(operation),
        target: route.targetOf(target),
      }));
    });
    return { value, latencies, losses };
  } finally {
    probes.close();
  }
}

/**
 * Some kernels run no program where an interrupt finds a process that they protect: an end that came there is counted as
 * missed when the next operation takes its place, so the last few may not be yet.
 */
const NOT_YET_MISSED = 4;

/** @returns why `counted` operations cannot be `made`, less those that were counted as lost; undefined when they can */
export function unexcused(
  counted: number,
  made: number,
  losses: LossCounts,
  endMissed: Loss,
): string | undefined {
  const excused = losses[endMissed] === undefined ? NOT_YET_MISSED : losses[endMissed] + NOT_YET_MISSED;
  if (counted <= made && counted >= made - excused && counted >= made / 2) return undefined;
  return `${counted} counted of ${made}, lost ${JSON.stringify(losses)}`;
}

/**
 * Whether each counted bucket is that of one of the own lengths or at most `most` below it, one for one: what the clock
 * of the workload has around an operation makes its length longer, never shorter. Both ascending; some of the own may have
 * been lost.
 * @returns how many are not
 */
export function strayBuckets(counted: readonly number[], own: readonly number[], most: number): number {
  let stray = 0;
  let at = 0;
  for (const bucket of counted) {
    while (at < own.length && own[at]! < bucket) at++;
    if (at < own.length && own[at]! - bucket <= most) at++;
    else stray++;
  }
  return stray;
}

/** Of rows, the bucket of each operation that they count, ascending. */
export function bucketsOf(rows: readonly NamedLatency[]): number[] {
  return rows
    .flatMap(({ bucket, count }) => Array.from({ length: count }, () => bucket))
    .toSorted((a, b) => a - b);
}

/** The bucket that each length belongs to, ascending. */
export function bucketsOfLengths(lengths: readonly number[]): number[] {
  return lengths.map(bucketOf).toSorted((a, b) => a - b);
}

/** The value that `share` of them are at or below. @param ascending not empty */
export function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.ceil(share * ascending.length) - 1)]!;
}
