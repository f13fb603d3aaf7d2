/** Block I/O as the block probe counts it, beside what a workload measures of its own, and beside biolatency. */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { BUCKETS, octaveOfBucket } from '@stallscope/latency';
import { probeBpf } from '@stallscope/libbpf';
import type { LossCounts } from '@stallscope/profile';
import { kernelSuites, startWorkload } from '@stallscope/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bucketsOf,
  bucketsOfLengths,
  type OwnLengths,
  strayBuckets,
  traceLatencies,
  unexcused,
} from './traced-latencies.js';

const onKernel = kernelSuites({ describe, test }, () => {
  const access = probeBpf();
  return access.ok ? undefined : access.cause;
});

const SEED = Number(process.env.STALLSCOPE_SEED ?? Date.now() % 1_000_000);
console.log(`block probe: STALLSCOPE_SEED=${SEED}`);
const TIMES = 100;
/** As much as one request takes, so that what the call adds is little beside it. */
const KIB = 256;

const runDirect = (file: string, times: number, kib: number) =>
  startWorkload<OwnLengths>('direct-io', file, SEED, times, kib).ended;

onKernel('block I/O of a device that nobody else uses', () => {
  const image = `${tmpdir()}/stallscope-loop-${process.pid}.img`;
  let device: string;
  let held: number;

  beforeAll(() => {
    writeFileSync(image, '');
    truncateSync(image, TIMES * KIB * 1024);
    device = execFileSync('losetup', ['--find', '--show', '--direct-io=on', image], {
      encoding: 'utf8',
    }).trim();
    // Whoever opens it when nobody has it open may have its partitions read.
    held = openSync(device, 'r');
  });
  afterAll(() => {
    closeSync(held);
    execFileSync('losetup', ['--detach', device]);
    rmSync(image);
  });

  test('is counted once each, by who made it, no longer than its own clock says', async () => {
    const { value, latencies, losses } = await traceLatencies('block', () => runDirect(device, TIMES, KIB));
    expectOnlyMissedEnds(losses);
    for (const operation of ['read', 'write']) {
      // Its own program is read too, where it is not in memory: from the disk that it lies on.
      const mine = latencies.filter(
        (row) => row.tgid === value.tgid && row.operation === operation && row.target === basename(device),
      );
      const counted = bucketsOf(mine);
      const own = bucketsOfLengths(value.lengths[operation]!);
      expect(unexcused(counted.length, TIMES, losses, 'block-end-missed')).toBeUndefined();
      expect(new Set(mine.map(({ tid }) => tid))).toEqual(new Set([value.tid]));
      expect(strayBuckets(counted, own, BUCKETS)).toBe(0);
    }
  });

  test('is there by operation and disk, and biolatency counts the same in each octave', async ({ skip }) => {
    const peer = startBiolatency();
    if (peer === undefined) skip('biolatency is not installed: apt-get install libbpf-tools');
    await peer!.attached;
    const { latencies, losses } = await traceLatencies('block', () => runDirect(device, TIMES, 16));
    const theirs = (await peer!.stop()).get(basename(device));
    expectOnlyMissedEnds(losses);
    const ours = latencies.filter(({ target }) => target === basename(device));
    const times: Record<string, number> = {};
    for (const { operation, count } of ours) times[operation] = (times[operation] ?? 0) + count;
    expect(Object.keys(times).toSorted()).toEqual(['discard', 'flush', 'read', 'write']);
    for (const count of Object.values(times)) {
      expect(unexcused(count, TIMES, losses, 'block-end-missed')).toBeUndefined();
    }

    const byOctave = new Map<number, number>();
    for (const { bucket, count } of ours) {
      const octave = octaveOfBucket(bucket);
      byOctave.set(octave, (byOctave.get(octave) ?? 0) + count);
    }
    const all = [...byOctave.values()].reduce((sum, count) => sum + count, 0);
    expect([...theirs!.values()].reduce((sum, count) => sum + count, 0)).toBe(all);
    // It reads the clock a little sooner or later, so a few near an edge are on its other side.
    let elsewhere = 0;
    for (const octave of new Set([...byOctave.keys(), ...theirs!.keys()])) {
      elsewhere += Math.abs((byOctave.get(octave) ?? 0) - (theirs!.get(octave) ?? 0));
    }
    expect(elsewhere / 2 / all).toBeLessThan(0.05);
  });
});

/** Of the whole host, others' among them. */
function expectOnlyMissedEnds(losses: LossCounts): void {
  expect(Object.keys(losses).filter((loss) => loss !== 'block-end-missed')).toEqual([]);
}

/** Counts by disk and octave of our buckets: its `2 -> 3` µs is the octave that begins at 2 µs. */
type Biolatency = Map<string, Map<number, number>>;

function startBiolatency(): { attached: Promise<void>; stop(): Promise<Biolatency> } | undefined {
  try {
    execFileSync('biolatency', ['--version'], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const child = spawn('stdbuf', ['-oL', 'biolatency', '-D'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  const attached = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (data: Buffer) => {
      text += data;
      if (text.includes('Tracing block device I/O')) resolve();
    });
    child.once('close', () => reject(new Error(`biolatency ended before it traced: ${text}`)));
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    attached,
    async stop() {
      child.kill('SIGINT');
      await ended;
      return readBiolatency(text);
    },
  };
}

function readBiolatency(text: string): Biolatency {
  const disks: Biolatency = new Map();
  let disk = new Map<number, number>();
  for (const line of text.split('\n')) {
    const name = /^disk = (\S+)/.exec(line)?.[1];
    if (name !== undefined) {
      disk = new Map();
      disks.set(name, disk);
    }
    const row = /^\s*(\d+) -> (\d+)\s*: (\d+)/.exec(line);
    if (row === null || row[3] === '0') continue;
    // `0 -> 1` has what is shorter than 2 µs.
    disk.set(10 + Math.round(Math.log2(Math.max(1, Number(row[1])))), Number(row[3]));
  }
  return disks;
}
