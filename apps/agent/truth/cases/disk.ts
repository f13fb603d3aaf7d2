/** Owns the case in which the disk ends the waits. */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KnownWaker, TruthCase } from '../known.js';

const FILE = join(tmpdir(), `stallscope-truth-${process.pid}`);
const DISK: KnownWaker = { interrupt: 'block completion' };
/** Threads of the kernel that flush on behalf of others: journals, write-back, the block layer. */
const FLUSHERS: KnownWaker = { comm: /^(jbd2|kworker|xfs|txg|btrfs|loop)/ };

/** For when the workload was stopped: by itself it leaves nothing. */
export function removeFile(): void {
  rmSync(FILE, { force: true });
}

export const DISK_CASES: readonly TruthCase[] = [
  {
    name: 'fsync waits for the disk',
    workload: (draws) => ['fsyncer', FILE, draws.between(800, 1_500)],
    expect: () => ({
      threads: true,
      waits: [
        {
          comm: 'fsyncer',
          in: 'flush_here',
          wakers: [[DISK, FLUSHERS]],
          // Who kicked a thread of the kernel is not known by construction.
          beyond: 'anyone',
          shortShare: 0,
          // A flush is one wait for data, another for the journal, and none where the disk was quick.
          isCountOpen: true,
        },
      ],
      bounds: [{ comm: 'fsyncer', in: 'flush_here' }],
    }),
    sampledTauNs: 1_000_000,
  },
];
