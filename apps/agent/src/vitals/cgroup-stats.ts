/**
 * Owns what the files of one cgroup say, v1 and v2 in the same words. Total: text that says nothing gives undefined.
 *
 *     v2 cpu.stat   usage_usec 812 … nr_periods 10 nr_throttled 4 throttled_usec 90000
 *     v1 cpu.stat   nr_periods 10 nr_throttled 4 throttled_time 90000000                    ns
 *     v2 io.stat    254:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0
 *     v1 blkio      254:0 Read 4096 / 254:0 Write 0 / … / Total 4096
 */
import { lineNumber, linesOf, numberAt, toNumber, wordsOf } from './proc-text.js';

/** Devices of one cgroup. */
const MAX_IO_LINES = 1024;
/** v1 writes what it calls unlimited as the largest number of pages, in bytes. */
const NO_LIMIT_BYTES = 2 ** 62;

export interface Throttling {
  periods: number;
  throttled: number;
  /** Summed over CPUs, ns. */
  throttledNs: number;
}

export function usageNsOf(version: 1 | 2, text: string): number | undefined {
  if (version === 1) return numberAt(text, 0);
  const usec = lineNumber(text, 'usage_usec');
  return usec === undefined ? undefined : usec * 1000;
}

export function throttlingOf(version: 1 | 2, cpuStat: string): Throttling | undefined {
  const periods = lineNumber(cpuStat, 'nr_periods');
  const throttled = lineNumber(cpuStat, 'nr_throttled');
  const time = lineNumber(cpuStat, version === 2 ? 'throttled_usec' : 'throttled_time');
  if (periods === undefined || throttled === undefined || time === undefined) return undefined;
  return { periods, throttled, throttledNs: version === 2 ? time * 1000 : time };
}

/** `max 100000`, `50000 100000`: CPUs, undefined without a limit. */
export function cpuLimitOf(cpuMax: string): number | undefined {
  const [quota, period] = wordsOf(cpuMax);
  return quotient(toNumber(quota), toNumber(period));
}

/** A quota of -1 is none. */
export function cpuLimitOfQuota(quotaUs: string, periodUs: string): number | undefined {
  return quotient(numberAt(quotaUs, 0), numberAt(periodUs, 0));
}

function quotient(quota: number | undefined, period: number | undefined): number | undefined {
  return quota === undefined || period === undefined || period === 0 ? undefined : quota / period;
}

/** Bytes; undefined without a limit. */
export function memoryLimitOf(text: string): number | undefined {
  const limit = numberAt(text, 0);
  return limit === undefined || limit >= NO_LIMIT_BYTES ? undefined : limit;
}

/** What can be dropped without a word, bytes: with that of cgroups below it. */
export function inactiveFileOf(version: 1 | 2, memoryStat: string): number {
  return lineNumber(memoryStat, version === 2 ? 'inactive_file' : 'total_inactive_file') ?? 0;
}

export interface IoCounts {
  readBytes: number;
  writtenBytes: number;
  reads: number;
  writes: number;
}

/** All devices together; a filesystem on several layers of devices counts at each. */
export function ioCountsOf(ioStat: string): IoCounts {
  const counts: IoCounts = { readBytes: 0, writtenBytes: 0, reads: 0, writes: 0 };
  for (const line of linesOf(ioStat, MAX_IO_LINES)) {
    counts.readBytes += fieldOf(line, ' rbytes=');
    counts.writtenBytes += fieldOf(line, ' wbytes=');
    counts.reads += fieldOf(line, ' rios=');
    counts.writes += fieldOf(line, ' wios=');
  }
  return counts;
}

function fieldOf(line: string, name: string): number {
  const at = line.indexOf(name);
  return at === -1 ? 0 : (numberAt(line, at + name.length) ?? 0);
}

/** Of a v1 file: reads and writes of all devices. */
export function blkioCountsOf(text: string): { read: number; written: number } {
  const counts = { read: 0, written: 0 };
  for (const line of linesOf(text, MAX_IO_LINES)) {
    const [device, direction, value] = wordsOf(line);
    if (device === undefined || !device.includes(':')) continue;
    if (direction === 'Read') counts.read += toNumber(value) ?? 0;
    if (direction === 'Write') counts.written += toNumber(value) ?? 0;
  }
  return counts;
}
