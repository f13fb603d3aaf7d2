/**
 * Owns how instants, ages and amounts are put into sentences. Numbers with units are written by @stallscope/charts,
 * so that a number reads the same in the graph and beside it.
 */
import { formatNs } from '@stallscope/charts';

/** How much waiting there was in each second: `2.00 s/s` is two threads waiting all the time. */
export function toWaitRate(waitedNs: number, lengthMs: number): string {
  return lengthMs > 0 ? `${formatNs((waitedNs * 1000) / lengthMs)}/s` : '–';
}

/** A time ago or to go, coarse on purpose: words that change with every frame are not read. */
export function toAge(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

/** The reader's wall clock, `12:03:04`. */
export function toClock(ms: number): string {
  const date = new Date(ms);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
}

/** To the millisecond: `12:03:04.120`. */
export function toClockMs(ms: number): string {
  return `${toClock(ms)}.${String(Math.floor(ms % 1000)).padStart(3, '0')}`;
}

export function toDate(ms: number): string {
  const date = new Date(ms);
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

/** For titles: the same instant in UTC, to a millisecond. */
export function toUtc(ms: number): string {
  return `${new Date(ms).toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

export function plural(count: number, one: string, many: string = `${one}s`): string {
  return `${count.toLocaleString('en-GB')} ${count === 1 ? one : many}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
