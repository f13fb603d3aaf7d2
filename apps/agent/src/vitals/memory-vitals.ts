/**
 * Owns vitals of memory: /proc/meminfo, /proc/vmstat, and bit errors where a driver counts them.
 * The uses add up to all memory: what meminfo does not name (pages that drivers took) is `other`.
 */
import { Counters } from './counters.js';
import { lineNumber, numberAt } from './proc-text.js';
import type { VitalFiles } from './vital-files.js';
import { type VitalGroupReader, type VitalRows, VitalsRefused } from './vital-rows.js';

const KIB = 1024;
const MEMORY_CONTROLLERS = '/sys/devices/system/edac/mc';
/** A board has one or two a socket. */
const MAX_MEMORY_CONTROLLERS = 32;
/** Zones that allocations can stall in. */
const ZONES = ['dma', 'dma32', 'normal', 'movable', 'device', 'high'] as const;

export class MemoryVitals implements VitalGroupReader {
  readonly #files: VitalFiles;
  readonly #pageBytes: number;
  readonly #counters = new Counters();
  #controllers: readonly string[] | undefined;

  /** @param pageBytes of this kernel: vmstat counts in pages */
  constructor(files: VitalFiles, pageBytes: number) {
    this.#files = files;
    this.#pageBytes = pageBytes;
  }

  read(nowNs: number, rows: VitalRows): string {
    const meminfo = this.#files.read('/proc/meminfo');
    if (meminfo === undefined) throw new VitalsRefused(this.#files.whyNot('/proc/meminfo'));
    addUses(rows, meminfo);
    this.#addEccErrors(rows);
    const vmstat = this.#files.read('/proc/vmstat');
    if (vmstat === undefined) return `no faults, swapping and reclaim: ${this.#files.whyNot('/proc/vmstat')}`;
    this.#addEvents(nowNs, rows, vmstat);
    return '';
  }

  #addEvents(nowNs: number, rows: VitalRows, vmstat: string): void {
    const events = eventsOf(vmstat);
    this.#counters.begin(nowNs);
    const step = (metric: string, label: string, count: number | undefined, unit = 1): void => {
      const growth = count === undefined ? undefined : this.#counters.step(`${metric} ${label}`, [count]);
      if (growth !== undefined) rows.add(metric, label, (growth.grown[0]! * unit) / growth.seconds);
    };
    step('memory.faults', 'minor', events.minorFaults);
    step('memory.faults', 'major', events.majorFaults);
    step('memory.reclaim', 'by kswapd', events.stolenByKswapd, this.#pageBytes);
    step('memory.reclaim', 'direct', events.stolenDirectly, this.#pageBytes);
    step('memory.stalls', '', events.stalls);
    step('memory.refaults', 'anonymous', events.refaultsAnonymous, this.#pageBytes);
    step('memory.refaults', 'file', events.refaultsFile, this.#pageBytes);
    step('memory.oom-kills', '', events.oomKills);
    step('swap.traffic', 'in', events.swappedIn, this.#pageBytes);
    step('swap.traffic', 'out', events.swappedOut, this.#pageBytes);
    this.#counters.end();
  }

  #addEccErrors(rows: VitalRows): void {
    this.#controllers ??= this.#files
      .list(MEMORY_CONTROLLERS)
      .filter((name) => /^mc\d+$/.test(name))
      .slice(0, MAX_MEMORY_CONTROLLERS)
      .map((name) => `${MEMORY_CONTROLLERS}/${name}`);
    if (this.#controllers.length === 0) return;
    const sum = (file: string): number =>
      this.#controllers!.reduce(
        (total, path) => total + (numberAt(this.#files.read(`${path}/${file}`) ?? '', 0) ?? 0),
        0,
      );
    rows.add('memory.ecc-errors', 'corrected', sum('ce_count'));
    rows.add('memory.ecc-errors', 'uncorrected', sum('ue_count'));
  }
}

function addUses(rows: VitalRows, meminfo: string): void {
  const bytes = (name: string): number => (lineNumber(meminfo, name) ?? 0) * KIB;
  const total = bytes('MemTotal');
  const shared = bytes('Shmem');
  const uses = {
    anonymous: bytes('AnonPages'),
    shared,
    'page cache': Math.max(0, bytes('Cached') - shared) + bytes('SwapCached'),
    buffers: bytes('Buffers'),
    slab: bytes('Slab'),
    kernel: bytes('KernelStack') + bytes('PageTables') + bytes('SecPageTables') + bytes('Percpu'),
    'huge pages': bytes('Hugetlb'),
    free: bytes('MemFree'),
  };
  for (const [use, value] of Object.entries(uses)) rows.add('memory.use', use, value);
  const named = Object.values(uses).reduce((sum, value) => sum + value, 0);
  rows.add('memory.use', 'other', Math.max(0, total - named));
  rows.add('memory.total', '', total);
  rows.add('memory.available', '', toBytes(lineNumber(meminfo, 'MemAvailable')));
  rows.add('memory.write-back', 'dirty', toBytes(lineNumber(meminfo, 'Dirty')));
  rows.add('memory.write-back', 'being written', toBytes(lineNumber(meminfo, 'Writeback')));
  const swap = bytes('SwapTotal');
  const free = bytes('SwapFree');
  rows.add('swap.use', 'used', Math.max(0, swap - free));
  rows.add('swap.use', 'free', free);
}

function toBytes(kib: number | undefined): number | undefined {
  return kib === undefined ? undefined : kib * KIB;
}

/** Counts since boot; undefined where this kernel has no such counter. */
interface MemoryEvents {
  minorFaults: number | undefined;
  majorFaults: number | undefined;
  stolenByKswapd: number | undefined;
  stolenDirectly: number | undefined;
  stalls: number | undefined;
  refaultsAnonymous: number | undefined;
  refaultsFile: number | undefined;
  oomKills: number | undefined;
  swappedIn: number | undefined;
  swappedOut: number | undefined;
}

export function eventsOf(vmstat: string): MemoryEvents {
  const count = (name: string): number | undefined => lineNumber(vmstat, name);
  const faults = count('pgfault');
  const majorFaults = count('pgmajfault');
  const minorFaults = faults === undefined ? undefined : Math.max(0, faults - (majorFaults ?? 0));
  // By zone until 5.8 or so for what is stolen, and still for stalls.
  return {
    minorFaults,
    majorFaults,
    stolenByKswapd: count('pgsteal_kswapd'),
    stolenDirectly: count('pgsteal_direct'),
    stalls: sumOf([count('allocstall'), ...ZONES.map((zone) => count(`allocstall_${zone}`))]),
    refaultsAnonymous: count('workingset_refault_anon'),
    // One counter for both before 5.9, nearly all of files.
    refaultsFile: count('workingset_refault_file') ?? count('workingset_refault'),
    oomKills: count('oom_kill'),
    swappedIn: count('pswpin'),
    swappedOut: count('pswpout'),
  };
}

function sumOf(counts: readonly (number | undefined)[]): number | undefined {
  const known = counts.filter((count) => count !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, count) => sum + count, 0);
}
