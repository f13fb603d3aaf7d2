/**
 * Owns reading the host's vitals: about once a second, however short windows are, those groups that are asked for, each
 * by itself, so that one which this host refuses takes no other along.
 *
 *     reader.setGroups(new Set(['vitals-cpu']));      the first reading is made here: rates need two
 *     reader.read(nowNs)     →  { rows: [], groups: [{ name, state: 'starting' }] }     200 ms later: nothing is due
 *     reader.read(nowNs)     →  { rows: [{ metric: 'cpu.state', label: 'user', value: 0.41 }, …], groups: [… 'on'] }
 */
import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { VITAL_GROUPS, type VitalGroup } from '@stallscope/vitals';
import { ContainerVitals } from './container-vitals.js';
import { CpuVitals } from './cpu-vitals.js';
import { DiskVitals } from './disk-vitals.js';
import { MemoryVitals } from './memory-vitals.js';
import { NetworkVitals } from './network-vitals.js';
import { PressureVitals } from './pressure-vitals.js';
import { HostFiles, type VitalFiles } from './vital-files.js';
import { type VitalGroupReader, type VitalRow, VitalRows, VitalsRefused } from './vital-rows.js';

export interface VitalGroupReading {
  name: VitalGroup;
  /** `starting`: read once, so that there are no rates yet. */
  state: 'on' | 'starting' | 'refused';
  /** Why it was refused, or what it does not see; '' when there is nothing to say. */
  detail: string;
  /** CPU time of reading it since the last `read`, ns. */
  cpuNs: number;
  /** How often it was read since the last `read`. */
  readings: number;
}

export interface VitalsReading {
  /** None where nothing was due. */
  rows: VitalRow[];
  /** Of the groups that are asked for, in the order of VITAL_GROUPS. */
  groups: VitalGroupReading[];
}

export interface VitalsReaderOptions {
  files?: VitalFiles;
  /** CPU time of this thread, ns; by default what `cpuTimeNs` gives. */
  costNs?: () => number;
  pageBytes?: number;
}

/** Vitals are of seconds, ns. */
const READING_NS = 1e9;
/** Windows of a busy host end early and late: one of a second must not miss its reading. Of the time since the last look. */
const EARLY = 0.4;

interface Group {
  reader: VitalGroupReader;
  state: VitalGroupReading['state'];
  detail: string;
  cpuNs: number;
  readings: number;
}

export class VitalsReader {
  readonly #files: VitalFiles;
  readonly #costNs: () => number;
  readonly #pageBytes: number;
  readonly #groups = new Map<VitalGroup, Group>();
  #readNs = Number.NEGATIVE_INFINITY;
  #lookedNs = Number.NEGATIVE_INFINITY;

  constructor({
    files = new HostFiles(),
    costNs = cpuTimeNs,
    pageBytes = hostPageBytes(),
  }: VitalsReaderOptions = {}) {
    this.#files = files;
    this.#costNs = costNs;
    this.#pageBytes = pageBytes;
  }

  get groups(): ReadonlySet<VitalGroup> {
    return new Set(this.#groups.keys());
  }

  /** Those that are new are read at once, so that their rates begin here. @param nowNs monotonic */
  setGroups(wanted: ReadonlySet<VitalGroup>, nowNs: number): void {
    for (const name of [...this.#groups.keys()]) if (!wanted.has(name)) this.#groups.delete(name);
    for (const name of VITAL_GROUPS) {
      if (!wanted.has(name) || this.#groups.has(name)) continue;
      const group: Group = {
        reader: this.#readerOf(name),
        state: 'starting',
        detail: '',
        cpuNs: 0,
        readings: 0,
      };
      this.#groups.set(name, group);
      this.#readGroup(group, nowNs, new VitalRows());
      if (group.state === 'on') group.state = 'starting';
    }
    // Nothing holds files of groups that nobody asks for.
    if (this.#groups.size === 0) this.close();
  }

  /** @param nowNs monotonic, the end of the window */
  read(nowNs: number): VitalsReading {
    const rows = new VitalRows();
    const earlyNs = Math.min(READING_NS, nowNs - this.#lookedNs) * EARLY;
    this.#lookedNs = nowNs;
    if (this.#groups.size > 0 && nowNs - this.#readNs >= READING_NS - earlyNs) {
      this.#readNs = nowNs;
      for (const group of this.#groups.values()) this.#readGroup(group, nowNs, rows);
    }
    return { rows: rows.rows, groups: this.#takeGroups() };
  }

  /** Lets go of every file. Reading goes on after it as if anew. */
  close(): void {
    this.#files.close();
  }

  #readGroup(group: Group, nowNs: number, rows: VitalRows): void {
    const before = this.#costNs();
    try {
      group.detail = group.reader.read(nowNs, rows);
      group.state = 'on';
    } catch (error) {
      if (!(error instanceof VitalsRefused)) throw error;
      group.detail = error.message;
      group.state = 'refused';
    }
    group.cpuNs += Math.max(0, this.#costNs() - before);
    group.readings++;
  }

  #takeGroups(): VitalGroupReading[] {
    const readings: VitalGroupReading[] = [];
    for (const name of VITAL_GROUPS) {
      const group = this.#groups.get(name);
      if (group === undefined) continue;
      readings.push({
        name,
        state: group.state,
        detail: group.detail,
        cpuNs: group.cpuNs,
        readings: group.readings,
      });
      group.cpuNs = 0;
      group.readings = 0;
    }
    return readings;
  }

  #readerOf(name: VitalGroup): VitalGroupReader {
    switch (name) {
      case 'vitals-cpu':
        return new CpuVitals(this.#files);
      case 'vitals-pressure':
        return new PressureVitals(this.#files);
      case 'vitals-memory':
        return new MemoryVitals(this.#files, this.#pageBytes);
      case 'vitals-disk':
        return new DiskVitals(this.#files);
      case 'vitals-network':
        return new NetworkVitals(this.#files, this.#costNs);
      case 'vitals-containers':
        return new ContainerVitals(this.#files);
    }
  }
}

/**
 * CPU time of this process, ns: what it grows by while one thread reads is that thread's, and what others of the process
 * do meanwhile. There is no clock of a thread in Node 20.
 */
export function cpuTimeNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

/** AT_PAGESZ of the auxiliary vector. */
const PAGE_SIZE_ENTRY = 6n;
const USUAL_PAGE_BYTES = 4096;

/** Of the kernel that runs here: 4 KiB, on some arm64 and ppc64 hosts 16 or 64. */
export function hostPageBytes(): number {
  const auxv = readFileSync('/proc/self/auxv');
  const isLittle = endianness() === 'LE';
  const word = (at: number): bigint => (isLittle ? auxv.readBigUInt64LE(at) : auxv.readBigUInt64BE(at));
  for (let at = 0; at + 16 <= auxv.length; at += 16)
    if (word(at) === PAGE_SIZE_ENTRY) return Number(word(at + 8));
  return USUAL_PAGE_BYTES;
}
