/** Owns how units of others become ours: time to nanoseconds, sizes to bytes, all else counts. */
import type { ValueUnit } from '@stallscope/profile';

/** `factor` × a value of `unit` is one of ours. Unknown units count things. */
export function toValueUnit(unit: string): { unit: ValueUnit; factor: number } {
  return UNITS.get(unit.toLowerCase()) ?? { unit: 'count', factor: 1 };
}

const UNITS = new Map<string, { unit: ValueUnit; factor: number }>([
  ...(
    [
      ['nanoseconds', 1],
      ['nanosecond', 1],
      ['ns', 1],
      ['microseconds', 1e3],
      ['microsecond', 1e3],
      ['us', 1e3],
      ['µs', 1e3],
      ['milliseconds', 1e6],
      ['millisecond', 1e6],
      ['ms', 1e6],
      ['seconds', 1e9],
      ['second', 1e9],
      ['s', 1e9],
    ] as const
  ).map(([name, factor]) => [name, { unit: 'nanoseconds', factor }] as const),
  ...(
    [
      ['bytes', 1],
      ['byte', 1],
      ['b', 1],
      ['kilobytes', 1024],
      ['kb', 1024],
      ['megabytes', 1024 ** 2],
      ['mb', 1024 ** 2],
      ['gigabytes', 1024 ** 3],
      ['gb', 1024 ** 3],
    ] as const
  ).map(([name, factor]) => [name, { unit: 'bytes', factor }] as const),
]);
