/**
 * Owns vitals of containers and systemd units, by their cgroups, v1 and v2. Which there are and what limits they have is
 * looked up every ten seconds; what they use, at each reading.
 *
 * Headroom is that of the tightest limit around: a container in a pod without a limit of its own has that of the pod.
 */
import { type CgroupMount, type CgroupMounts, cgroupMountsOf } from './cgroup-mounts.js';
import {
  blkioCountsOf,
  cpuLimitOf,
  cpuLimitOfQuota,
  inactiveFileOf,
  ioCountsOf,
  memoryLimitOf,
  throttlingOf,
  usageNsOf,
} from './cgroup-stats.js';
import { type ListedCgroup, listCgroups } from './container-list.js';
import { Counters, type Growth } from './counters.js';
import { lineNumber, numberAt } from './proc-text.js';
import type { VitalFiles } from './vital-files.js';
import { type VitalGroupReader, type VitalRows, VitalsRefused } from './vital-rows.js';

/** How old the list may be: a container that has begun is seen after at most so long, ns. */
const LIST_AGE_NS = 10e9;

interface Limits {
  /** CPUs by its quota. */
  cpus: number | undefined;
  /** Directories of the memory hierarchy whose limit holds for it, its own first. */
  memory: readonly { directory: string; limit: number }[];
}

export class ContainerVitals implements VitalGroupReader {
  readonly #files: VitalFiles;
  readonly #usage = new Counters();
  readonly #throttling = new Counters();
  readonly #io = new Counters();
  readonly #kills = new Counters();
  #mounts: CgroupMounts = new Map();
  #listed: readonly ListedCgroup[] = [];
  #limits = new Map<string, Limits>();
  #read = new Set<string>();
  #listedNs = Number.NEGATIVE_INFINITY;
  #countsBlkio = false;
  #note = '';

  constructor(files: VitalFiles) {
    this.#files = files;
  }

  read(nowNs: number, rows: VitalRows): string {
    if (nowNs - this.#listedNs >= LIST_AGE_NS) this.#list(nowNs);
    if (this.#mounts.size === 0)
      throw new VitalsRefused('no cgroup hierarchy with a CPU, memory or I/O controller is mounted');
    const counters = [this.#usage, this.#throttling, this.#io, this.#kills];
    for (const each of counters) each.begin(nowNs);
    const free = new Map<string, number>();
    for (const cgroup of this.#listed) {
      this.#addCpu(rows, cgroup);
      this.#addMemory(rows, cgroup, free);
      this.#addIo(rows, cgroup);
    }
    for (const each of counters) each.end();
    return this.#note;
  }

  #list(nowNs: number): void {
    this.#listedNs = nowNs;
    this.#mounts = cgroupMountsOf(this.#files.read('/proc/self/mountinfo') ?? '', (directory) => {
      const path = `${directory}/cgroup.controllers`;
      const controllers = this.#files.read(path) ?? '';
      this.#files.forget(path);
      return controllers;
    });
    this.#files.forget('/proc/self/mountinfo');
    const { listed, leftOut, isCut } = listCgroups(this.#files, this.#mounts);
    this.#listed = listed;
    this.#limits = new Map(listed.map((cgroup) => [cgroup.label, this.#limitsOf(cgroup)]));
    const notes: string[] = [];
    if (listed.length === 0) notes.push('no container and no systemd unit was found');
    if (leftOut > 0) notes.push(`${leftOut} of ${listed.length + leftOut} containers and units are left out`);
    this.#countsBlkio = this.#looksAtBlkio();
    if (listed.length > 0 && this.#mounts.get('io')?.version === 1 && !this.#countsBlkio) {
      notes.push(
        'no I/O: from Linux 6.10 on, cgroup v1 counts it only of disks on which some blkio.throttle limit is set',
      );
    }
    if (isCut) notes.push('there are more cgroups than are looked at');
    this.#note = notes.join('; ');
    this.#forgetOthers();
  }

  /** The root has a line of each disk that is counted, from its first operation. Below a root of its own nothing tells. */
  #looksAtBlkio(): boolean {
    const mount = this.#mounts.get('io');
    if (mount?.version !== 1) return false;
    const { read, written } = blkioCountsOf(this.#blkio(mount.directory, 'io_service_bytes'));
    return read + written > 0 || mount.root !== '/';
  }

  /** Files of containers that have gone stay open no longer than the list is old. */
  #forgetOthers(): void {
    const kept = new Set<string>();
    for (const { directories } of this.#listed)
      for (const directory of Object.values(directories)) kept.add(directory);
    for (const { memory } of this.#limits.values()) for (const { directory } of memory) kept.add(directory);
    for (const path of this.#read) {
      if (kept.has(path.slice(0, path.lastIndexOf('/')))) continue;
      this.#files.forget(path);
      this.#read.delete(path);
    }
  }

  #addCpu(rows: VitalRows, { label, directories: { cpu, cpuacct } }: ListedCgroup): void {
    if (cpuacct !== undefined) {
      const version = this.#mounts.get('cpuacct')!.version;
      const usage = usageNsOf(version, this.#text(cpuacct, version === 2 ? 'cpu.stat' : 'cpuacct.usage'));
      const growth = usage === undefined ? undefined : this.#usage.step(label, [usage]);
      if (growth !== undefined) rows.add('container.cpu', label, growth.grown[0]! / 1e9 / growth.seconds);
    }
    if (cpu === undefined) return;
    rows.add('container.cpu.limit', label, this.#limits.get(label)?.cpus);
    const throttling = throttlingOf(this.#mounts.get('cpu')!.version, this.#text(cpu, 'cpu.stat'));
    if (throttling === undefined) return;
    const { periods, throttled, throttledNs } = throttling;
    const growth = this.#throttling.step(label, [periods, throttled, throttledNs]);
    if (growth === undefined || periods === 0) return;
    const [grownPeriods, grownThrottled, grownNs] = growth.grown as [number, number, number];
    rows.add('container.throttled.time', label, grownNs / 1e9 / growth.seconds);
    if (grownPeriods > 0)
      rows.add('container.throttled.periods', label, Math.min(1, grownThrottled / grownPeriods));
  }

  #addMemory(
    rows: VitalRows,
    { label, directories: { memory } }: ListedCgroup,
    free: Map<string, number>,
  ): void {
    const mount = this.#mounts.get('memory');
    if (memory === undefined || mount === undefined) return;
    rows.add('container.memory', label, this.#memoryUse(mount, memory));
    const limits = this.#limits.get(label)?.memory ?? [];
    if (limits.length > 0) {
      rows.add('container.memory.limit', label, Math.min(...limits.map(({ limit }) => limit)));
      const headrooms = limits.map(({ directory, limit }) => {
        const used = free.get(directory) ?? this.#workingSet(mount, directory);
        free.set(directory, used);
        return Math.max(0, limit - used);
      });
      rows.add('container.memory.headroom', label, Math.min(...headrooms));
    }
    const events = this.#text(memory, mount.version === 2 ? 'memory.events' : 'memory.oom_control');
    const kills = lineNumber(events, 'oom_kill');
    const growth = kills === undefined ? undefined : this.#kills.step(label, [kills]);
    if (growth !== undefined) rows.add('container.oom-kills', label, growth.grown[0]! / growth.seconds);
  }

  #memoryUse(mount: CgroupMount, directory: string): number | undefined {
    return numberAt(
      this.#text(directory, mount.version === 2 ? 'memory.current' : 'memory.usage_in_bytes'),
      0,
    );
  }

  /** Bytes that would have to be reclaimed with harm. */
  #workingSet(mount: CgroupMount, directory: string): number {
    const use = this.#memoryUse(mount, directory) ?? 0;
    return Math.max(0, use - inactiveFileOf(mount.version, this.#text(directory, 'memory.stat')));
  }

  #addIo(rows: VitalRows, { label, directories: { io } }: ListedCgroup): void {
    if (io === undefined) return;
    const growth =
      this.#mounts.get('io')!.version === 2 ? this.#stepIo(label, io) : this.#stepBlkio(label, io);
    if (growth === undefined) return;
    for (const [at, metric] of [
      'container.read.bytes',
      'container.write.bytes',
      'container.reads',
      'container.writes',
    ].entries())
      rows.add(metric, label, growth.grown[at]! / growth.seconds);
  }

  #stepIo(label: string, directory: string): Growth | undefined {
    const { readBytes, writtenBytes, reads, writes } = ioCountsOf(this.#text(directory, 'io.stat'));
    return this.#io.step(label, [readBytes, writtenBytes, reads, writes]);
  }

  #stepBlkio(label: string, directory: string): Growth | undefined {
    if (!this.#countsBlkio) return undefined;
    const bytes = blkioCountsOf(this.#blkio(directory, 'io_service_bytes'));
    const operations = blkioCountsOf(this.#blkio(directory, 'io_serviced'));
    return this.#io.step(label, [bytes.read, bytes.written, operations.read, operations.written]);
  }

  /** With that of cgroups below, from 4.16 on. */
  #blkio(directory: string, name: string): string {
    return (
      this.#text(directory, `blkio.throttle.${name}_recursive`) ||
      this.#text(directory, `blkio.throttle.${name}`)
    );
  }

  #limitsOf({ directories: { cpu, memory } }: ListedCgroup): Limits {
    const limits: Limits = { cpus: undefined, memory: [] };
    const cpuMount = this.#mounts.get('cpu');
    if (cpu !== undefined && cpuMount !== undefined) {
      limits.cpus =
        cpuMount.version === 2
          ? cpuLimitOf(this.#once(`${cpu}/cpu.max`))
          : cpuLimitOfQuota(this.#once(`${cpu}/cpu.cfs_quota_us`), this.#once(`${cpu}/cpu.cfs_period_us`));
    }
    const memoryMount = this.#mounts.get('memory');
    if (memory === undefined || memoryMount === undefined) return limits;
    const file = memoryMount.version === 2 ? 'memory.max' : 'memory.limit_in_bytes';
    const around: { directory: string; limit: number }[] = [];
    for (
      let directory = memory;
      directory.length > memoryMount.directory.length;
      directory = directory.slice(0, directory.lastIndexOf('/'))
    ) {
      const limit = memoryLimitOf(this.#once(`${directory}/${file}`));
      if (limit !== undefined) around.push({ directory, limit });
    }
    return { ...limits, memory: around };
  }

  #text(directory: string, file: string): string {
    const path = `${directory}/${file}`;
    this.#read.add(path);
    return this.#files.read(path) ?? '';
  }

  #once(path: string): string {
    const text = this.#files.read(path) ?? '';
    this.#files.forget(path);
    return text;
  }
}
