/** System calls, futex waits and ext4's operations as their probes count them, beside what a workload measures of its own. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { probeBpf } from '@stallscope/libbpf';
import { kernelSuites, startWorkload } from '@stallscope/testing';
import { describe, expect, test } from 'vitest';
import { EXT4_ROUTE } from './ext4-route.js';
import {
  bucketsOf,
  bucketsOfLengths,
  type NamedLatency,
  type OwnLengths,
  quantile,
  strayBuckets,
  traceLatencies,
} from './traced-latencies.js';

const onKernel = kernelSuites({ describe, test }, () => {
  const access = probeBpf();
  return access.ok ? undefined : access.cause;
});

const SEED = Number(process.env.STALLSCOPE_SEED ?? Date.now() % 1_000_000);
console.log(`latency probes of calls: STALLSCOPE_SEED=${SEED}`);
const TIMES = 200;
/** The clock of the workload is read within half a microsecond of the call: a hundredth of the shortest length drawn. */
const SHORTEST_US = 50;
const LONGEST_US = 5_000;

const runCalls = () => startWorkload<OwnLengths>('own-calls', SEED, TIMES, SHORTEST_US, LONGEST_US).ended;

/** An interrupt may come between the end of a call and the clock: of one in fifty at most. */
const MOST_STRAY = TIMES / 50;

function expectOwnLengths(rows: readonly NamedLatency[], own: readonly number[]): void {
  const counted = bucketsOf(rows);
  const buckets = bucketsOfLengths(own);
  expect(counted).toHaveLength(own.length);
  expect(strayBuckets(counted, buckets, 1)).toBeLessThanOrEqual(MOST_STRAY);
  for (const share of [0.5, 0.95, 0.99]) {
    expect(Math.abs(quantile(buckets, share) - quantile(counted, share))).toBeLessThanOrEqual(1);
  }
}

onKernel('system calls', () => {
  test('are counted by name, each in its bucket', async () => {
    const { value, latencies, losses } = await traceLatencies('syscalls', runCalls);
    expect(losses['syscalls-counts-full']).toBeUndefined();
    expect(losses['syscalls-in-flight-full']).toBeUndefined();
    const of = (operation: string): NamedLatency[] =>
      latencies.filter((row) => row.tgid === value.tgid && row.operation === operation);
    for (const name of ['nanosleep', 'ppoll', 'futex_waitv']) {
      expectOwnLengths(of(name), value.lengths[name]!);
    }
    expect(bucketsOf(of('getppid'))).toHaveLength(TIMES);
    // Waits and wakes are one call.
    expect(bucketsOf(of('futex'))).toHaveLength(3 * TIMES);
    expect(new Set(latencies.filter(({ tgid }) => tgid === value.tgid).map(({ tid }) => tid))).toEqual(
      new Set([value.tid]),
    );
  });

  test('of a number of processes are those of the process that is asked for', async () => {
    const { value, latencies } = await traceLatencies(
      'syscalls',
      () => Promise.all([runCalls(), startWorkload<OwnLengths>('sleeper', 20, 1_000, 'asked').ended]),
      { filter: { comm: 'own-calls' } },
    );
    expect(new Set(latencies.map(({ tgid }) => tgid))).toEqual(new Set([value[0].tgid]));
  });

  test('too many to count are counted as lost, and those that are counted are right', async () => {
    const { value, latencies, losses } = await traceLatencies('syscalls', runCalls, {
      maxEntries: { counts_0: 8, counts_1: 8 },
      filter: { comm: 'own-calls' },
    });
    const made = Object.values(value.lengths).reduce((sum, { length }) => sum + length, 0);
    const counted = latencies.reduce((sum, { count }) => sum + count, 0);
    expect(losses['syscalls-counts-full']).toBeGreaterThan(0);
    expect(counted).toBeLessThan(made);
    expect(counted + losses['syscalls-counts-full']!).toBeGreaterThanOrEqual(made);
  });
});

onKernel('futex waits', () => {
  test('are counted by operation, each in its bucket; wakes are not', async () => {
    const { value, latencies } = await traceLatencies('futex', runCalls);
    const own = latencies.filter(({ tgid }) => tgid === value.tgid);
    for (const operation of ['wait', 'wait_bitset', 'futex_waitv']) {
      expectOwnLengths(
        own.filter((row) => row.operation === operation),
        value.lengths[operation]!,
      );
    }
    expect(new Set(own.map(({ operation }) => operation))).toEqual(
      new Set(['wait', 'wait_bitset', 'futex_waitv']),
    );
  });
});

onKernel('operations of ext4', () => {
  test('are counted on its files alone, each in its bucket', async ({ skip }) => {
    const folder = tmpdir();
    const fileSystem = execFileSync('stat', ['-f', '-c', '%T', folder], { encoding: 'utf8' }).trim();
    if (!/ext[234]/.test(fileSystem)) skip(`${folder} is on ${fileSystem}`);
    expect(EXT4_ROUTE.assess().status).toBe('degraded');
    const file = `${folder}/stallscope-ext4-${process.pid}.dat`;
    const { value, latencies } = await traceLatencies(
      'ext4',
      () => startWorkload<OwnLengths>('own-files', file, SEED, TIMES).ended,
    ).finally(() => rmSync(`${file}.fifo`, { force: true }));
    const own = latencies.filter(({ tgid }) => tgid === value.tgid);
    const counted = (operation: string): number[] =>
      bucketsOf(own.filter((row) => row.operation === operation));
    for (const [operation, lengths] of Object.entries(value.lengths)) {
      const buckets = bucketsOfLengths(lengths);
      const ours = counted(operation);
      // What it opens, reads and writes besides: its program, its libraries. The pipe and the FIFO are not among them.
      const besides = operation === 'open' || operation === 'read' ? 8 : 0;
      expect(ours.length).toBeGreaterThanOrEqual(TIMES);
      expect(ours.length - lengths.length).toBeGreaterThanOrEqual(0);
      expect(ours.length - lengths.length).toBeLessThanOrEqual(besides);
      for (const share of [0.5, 0.95]) {
        expect(quantile(ours, share)).toBeLessThanOrEqual(quantile(buckets, share) + 1);
      }
    }
    expectOwnLengths(
      own.filter(({ operation }) => operation === 'fsync'),
      value.lengths.fsync!,
    );
    expect(new Set(own.map(({ target }) => target)).size).toBeLessThanOrEqual(2);
    expect(own[0]!.target).toMatch(/^[a-z]/);
  });
});
