/**
 * Owns a cgroup for one workload: the probe's filter by it takes all that the workload forks and nothing else of the host,
 * so its losses are the workload's too.
 */
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

export class TestCgroup {
  readonly path: string;

  constructor() {
    this.path = join(cgroup2Root(), `stallscope-truth-${process.pid}`);
    mkdirSync(this.path, { recursive: true });
  }

  /** The kernel refuses while a process that has ended is not gone altogether. */
  async remove(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        rmdirSync(this.path);
        return;
      } catch (error) {
        if (tries === 100 || !(error instanceof Error && 'code' in error && error.code === 'EBUSY'))
          throw error;
      }
      await setTimeout(20);
    }
  }
}

/** @throws Error where no cgroup v2 hierarchy is mounted */
export function cgroup2Root(): string {
  const mount = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .find((line) => line.split(' ')[2] === 'cgroup2');
  if (mount === undefined)
    throw new Error('no cgroup v2 hierarchy is mounted; mount one: mount -t cgroup2 none /mnt');
  return mount.split(' ')[1]!;
}
