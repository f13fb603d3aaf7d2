/**
 * Owns a cgroup that looks like a container's, v1 or v2 as this host has it, for tests of vitals: processes are put into
 * it, limits set, and nothing of it is left.
 */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type CgroupController, type CgroupMounts, cgroupMountsOf } from './cgroup-mounts.js';

/** Ends of containers' processes are seen by the kernel a little later. */
const REMOVE_TRIES = 100;

export function hostMounts(): CgroupMounts {
  return cgroupMountsOf(readFileSync('/proc/self/mountinfo', 'utf8'), (directory) =>
    readFileSync(`${directory}/cgroup.controllers`, 'utf8'),
  );
}

export class TestContainer {
  readonly id = Array.from({ length: 64 }, () => Math.floor(Math.random() * 16).toString(16)).join('');
  readonly mounts: CgroupMounts;
  readonly #directories = new Set<string>();

  constructor(mounts = hostMounts()) {
    this.mounts = mounts;
    for (const [controller, mount] of mounts) {
      if (mount.version === 2 && controller !== 'cpuacct')
        writeFileSync(`${mount.directory}/cgroup.subtree_control`, `+${controller}`);
      const directory = this.directory(controller);
      mkdirSync(directory, { recursive: true });
      this.#directories.add(directory);
    }
  }

  /** As vitals call it. */
  get label(): string {
    return `docker ${this.id.slice(0, 12)}`;
  }

  directory(controller: CgroupController): string {
    const mount = this.mounts.get(controller)!;
    return mount.version === 1
      ? `${mount.directory}/docker/${this.id}`
      : `${mount.directory}/docker-${this.id}.scope`;
  }

  limitCpus(cpus: number): void {
    const [directory, { version }] = [this.directory('cpu'), this.mounts.get('cpu')!];
    if (version === 2) writeFileSync(`${directory}/cpu.max`, `${cpus * 100_000} 100000`);
    else writeFileSync(`${directory}/cpu.cfs_quota_us`, String(cpus * 100_000));
  }

  limitMemory(bytes: number): void {
    const file = this.mounts.get('memory')!.version === 2 ? 'memory.max' : 'memory.limit_in_bytes';
    writeFileSync(`${this.directory('memory')}/${file}`, String(bytes));
  }

  /** Since Linux 6.10 v1 counts I/O of a disk once some limit is set on it; this one holds nothing back. */
  countIo(device: string): void {
    if (this.mounts.get('io')!.version === 2) return;
    writeFileSync(`${this.directory('io')}/blkio.throttle.write_bps_device`, `${device} ${2 ** 40}`);
  }

  /** Lines of a shell that put the shell, and so all it starts, into it. */
  get enterScript(): string {
    return [...this.#directories].map((directory) => `echo $$ > ${directory}/cgroup.procs`).join('\n');
  }

  async remove(): Promise<void> {
    for (const directory of this.#directories) {
      await removed(directory);
      // Another test's may be beside it.
      if (dirname(directory).endsWith('/docker')) await removed(dirname(directory), 1).catch(() => undefined);
    }
  }
}

async function removed(directory: string, tries = REMOVE_TRIES): Promise<void> {
  for (let at = 1; ; at++) {
    try {
      rmdirSync(directory);
      return;
    } catch (error) {
      if (at >= tries) throw error;
    }
    await setTimeout(20);
  }
}
