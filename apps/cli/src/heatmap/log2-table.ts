/**
 * Owns the table of a histogram as the bcc tools print it: powers of two of microseconds or milliseconds, counts, stars.
 * Pure.
 *
 *          usecs               : count     distribution
 *              0 -> 1          : 12       |*****                                   |
 *              2 -> 3          : 95       |****************************************|
 */
import { octaveFromNs, octaveOfBucket } from '@stallscope/latency';

export type TableUnit = 'us' | 'ms';

const UNITS: Record<TableUnit, { name: string; ns: number }> = {
  us: { name: 'usecs', ns: 1e3 },
  ms: { name: 'msecs', ns: 1e6 },
};
const STARS = 40;
/** Columns of the tools: wide enough for what takes days. */
const NUMBER_WIDTH = 10;
const COUNT_WIDTH = 8;

export interface Log2Row {
  /** Whole units, both included. */
  from: number;
  to: number;
  count: number;
}

/** Rows from 0 to the last that counted something; the first holds all below 2 units, as the tools have it. */
export function toLog2Rows(counts: ArrayLike<number>, unit: TableUnit): Log2Row[] {
  const rows: Log2Row[] = [];
  for (let bucket = 0; bucket < counts.length; bucket++) {
    const count = counts[bucket]!;
    if (count === 0) continue;
    const row = rowOf(octaveFromNs(octaveOfBucket(bucket)) / UNITS[unit].ns);
    while (rows.length <= row) {
      const at = rows.length;
      rows.push({ from: at === 0 ? 0 : 2 ** at, to: 2 ** (at + 1) - 1, count: 0 });
    }
    rows[row]!.count += count;
  }
  return rows;
}

/** Octaves begin at powers of two of a microsecond; those of a millisecond are 2.4 % off, and the nearest is meant. */
function rowOf(units: number): number {
  return units <= 1 ? 0 : Math.max(0, Math.round(Math.log2(units)));
}

export function toLog2Table(counts: ArrayLike<number>, unit: TableUnit): string[] {
  const rows = toLog2Rows(counts, unit);
  if (rows.length === 0) return [];
  const most = Math.max(...rows.map(({ count }) => count));
  return [
    `${' '.repeat(5)}${UNITS[unit].name.padEnd(19)} : ${'count'.padEnd(COUNT_WIDTH)} distribution`,
    ...rows.map(({ from, to, count }) => {
      const range = `${String(from).padStart(NUMBER_WIDTH)} -> ${String(to).padEnd(NUMBER_WIDTH)}`;
      return `${range} : ${String(count).padEnd(COUNT_WIDTH)} |${stars(count, most)}|`;
    }),
  ];
}

function stars(count: number, most: number): string {
  const wide = Math.floor((count / most) * STARS);
  return '*'.repeat(wide).padEnd(STARS);
}
