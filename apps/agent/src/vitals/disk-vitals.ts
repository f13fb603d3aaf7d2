/**
 * Owns vitals of disks: /proc/diskstats, and errors where a filesystem or a disk counts them.
 *
 *     254 0 vda  reads merged sectors ms  writes merged sectors ms  in-flight busy-ms weighted-ms
 *                discards merged sectors ms  flushes ms              (discards from 4.18, flushes from 5.5)
 *
 * Whole disks only: partitions are in their disk's counts. A disk that has never done anything is left out, and a loop
 * device or the like that has not for as long as a hub remembers: hosts with packages in images have dozens.
 */
import { Counters } from './counters.js';
import { linesOf, toNumber, wordsOf } from './proc-text.js';
import type { VitalFiles } from './vital-files.js';
import { type VitalGroupReader, type VitalRows, VitalsRefused } from './vital-rows.js';

const SECTOR_BYTES = 512;
const MS_NS = 1e6;
/** More lines than anybody reads in a chart, fewer than make a window large. */
const MAX_DISKS = 64;
/** Lines of the file: a host of a thousand loop devices has them all. */
const MAX_LINES = 4096;
const FIELDS = 17;
/** In ms, written with 32 bits: they go round after 49 days of work. */
const WRAPPING = [3, 7, 9, 10, 14, 16];
/** Which devices there are, and which are whole, is looked up again after so many readings, or when a new one shows. */
const LOOK_AGAIN_READINGS = 30;
/** Filesystems and disks that count errors. */
const MAX_ERROR_FILES = 64;

/** What is mounted from a file, and drives without a medium. */
const OFTEN_IDLE = /^(?:loop|ram|nbd|sr|fd)\d+$/;
const IDLE_NS = 15 * 60e9;

/** Positions of the fields after the device's name. */
const READS = 0;
const READ_SECTORS = 2;
const READ_MS = 3;
const WRITES = 4;
const WRITE_SECTORS = 6;
const WRITE_MS = 7;
const IN_FLIGHT = 8;
const BUSY_MS = 9;
const WEIGHTED_MS = 10;
const DISCARDS = 11;
const DISCARD_SECTORS = 13;
const FLUSHES = 15;
const FLUSH_MS = 16;

export class DiskVitals implements VitalGroupReader {
  readonly #files: VitalFiles;
  readonly #counters = new Counters({ wraps: WRAPPING });
  readonly #errors = new Counters();
  /** When each of those often idle was last seen to do something, monotonic. */
  readonly #activeNs = new Map<string, number>();
  #wholeDisks = new Set<string>();
  #errorFiles: readonly { label: string; path: string }[] = [];
  #readings = 0;

  constructor(files: VitalFiles) {
    this.#files = files;
  }

  read(nowNs: number, rows: VitalRows): string {
    const text = this.#files.read('/proc/diskstats');
    if (text === undefined) throw new VitalsRefused(this.#files.whyNot('/proc/diskstats'));
    if (this.#readings++ % LOOK_AGAIN_READINGS === 0) this.#look();
    const disks = disksOf(text).filter(({ name }) => this.#wholeDisks.has(name));
    let used = 0;
    this.#counters.begin(nowNs);
    for (const { name, fields, known } of disks) {
      // Also of those not used so far: their first operations are to count. What is in flight is no counter.
      const growth = this.#counters.step(name, fields.with(IN_FLIGHT, 0));
      if (!this.#isUsed(nowNs, name, fields, growth?.grown) || ++used > MAX_DISKS) continue;
      if (growth !== undefined) addDisk(rows, name, growth.grown, growth.seconds, known);
    }
    this.#counters.end();
    this.#addErrors(nowNs, rows);
    return used > MAX_DISKS ? `${used - MAX_DISKS} of ${used} disks are left out` : '';
  }

  #isUsed(
    nowNs: number,
    name: string,
    fields: readonly number[],
    grown: readonly number[] | undefined,
  ): boolean {
    if (!OFTEN_IDLE.test(name)) return fields.some((field) => field > 0);
    if (grown?.some((growth) => growth > 0)) this.#activeNs.set(name, nowNs);
    return nowNs - (this.#activeNs.get(name) ?? Number.NEGATIVE_INFINITY) < IDLE_NS;
  }

  #look(): void {
    for (const name of this.#activeNs.keys()) if (!this.#wholeDisks.has(name)) this.#activeNs.delete(name);
    this.#wholeDisks = new Set(this.#files.list('/sys/block').map((name) => name.replaceAll('!', '/')));
    this.#errorFiles = [
      ...this.#files
        .list('/sys/fs/ext4')
        .map((name) => ({ label: `${name} ext4`, path: `/sys/fs/ext4/${name}/errors_count` })),
      ...this.#files
        .list('/sys/block')
        .filter((name) => /^s[dr]/.test(name))
        .map((name) => ({ label: `${name} scsi`, path: `/sys/block/${name}/device/ioerr_cnt` })),
    ]
      .slice(0, MAX_ERROR_FILES)
      .filter(({ path }) => this.#files.read(path) !== undefined);
  }

  #addErrors(nowNs: number, rows: VitalRows): void {
    this.#errors.begin(nowNs);
    for (const { label, path } of this.#errorFiles) {
      const count = errorCountOf(this.#files.read(path) ?? '');
      if (count === undefined) continue;
      rows.add('disk.errors.total', label, count);
      const growth = this.#errors.step(label, [count]);
      if (growth !== undefined) rows.add('disk.errors', label, growth.grown[0]! / growth.seconds);
    }
    this.#errors.end();
  }
}

function addDisk(
  rows: VitalRows,
  disk: string,
  grown: readonly number[],
  seconds: number,
  known: number,
): void {
  const rate = (field: number, unit = 1): number => (grown[field]! * unit) / seconds;
  const mean = (ms: number, operations: number): number | undefined =>
    grown[operations]! > 0 ? (grown[ms]! * MS_NS) / grown[operations]! : undefined;
  rows.add('disk.reads', disk, rate(READS));
  rows.add('disk.writes', disk, rate(WRITES));
  rows.add('disk.read.bytes', disk, rate(READ_SECTORS, SECTOR_BYTES));
  rows.add('disk.write.bytes', disk, rate(WRITE_SECTORS, SECTOR_BYTES));
  rows.add('disk.read.latency', disk, mean(READ_MS, READS));
  rows.add('disk.write.latency', disk, mean(WRITE_MS, WRITES));
  rows.add('disk.utilisation', disk, Math.min(1, grown[BUSY_MS]! / 1000 / seconds));
  rows.add('disk.queue', disk, grown[WEIGHTED_MS]! / 1000 / seconds);
  if (known > DISCARD_SECTORS) {
    rows.add('disk.discards', disk, rate(DISCARDS));
    rows.add('disk.discard.bytes', disk, rate(DISCARD_SECTORS, SECTOR_BYTES));
  }
  if (known > FLUSH_MS) {
    rows.add('disk.flushes', disk, rate(FLUSHES));
    rows.add('disk.flush.latency', disk, mean(FLUSH_MS, FLUSHES));
  }
}

export interface DiskCounts {
  name: string;
  /** 17, those that this kernel does not have are 0. */
  fields: number[];
  /** How many fields this kernel has. */
  known: number;
}

/** Lines that are no device's are left out. */
export function disksOf(diskstats: string): DiskCounts[] {
  const disks: DiskCounts[] = [];
  for (const line of linesOf(diskstats, MAX_LINES)) {
    const [major, minor, name, ...words] = wordsOf(line);
    if (toNumber(major) === undefined || toNumber(minor) === undefined || name === undefined) continue;
    // Partitions before 2.6.25 had four fields.
    if (words.length <= WEIGHTED_MS) continue;
    const fields = Array.from({ length: FIELDS }, (_, at) => toNumber(words[at]) ?? 0);
    disks.push({ name, fields, known: Math.min(words.length, FIELDS) });
  }
  return disks;
}

/** `12`, of SCSI `0xc`. */
function errorCountOf(text: string): number | undefined {
  const word = text.trim();
  return /^0x[0-9a-f]{1,12}$/.test(word) ? Number.parseInt(word, 16) : toNumber(word);
}
