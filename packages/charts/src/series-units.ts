/**
 * Owns how values of a time series are written, and where the ticks of their axis are: round numbers of the unit that the
 * largest is read in.
 *
 *     valueAxis(0.87, 'share')     top 1      ticks 0, 50 %, 100 %
 *     valueAxis(3e8, 'bytes')      top 300 MiB   ticks 0, 100 MiB, 200 MiB, 300 MiB
 */
import { formatBytes, formatCount, formatNs, formatPercent } from './format.js';

/** `share`: 1 is all of it; `cpus`: seconds of CPU a second; `count`: a number at an instant, `per-second`: of events. */
export const SERIES_UNITS = [
  'share',
  'cpus',
  'count',
  'per-second',
  'bytes',
  'bytes-per-second',
  'ns',
] as const;
export type SeriesUnit = (typeof SERIES_UNITS)[number];

/** As read at the cursor: three figures, and the unit. Not a number: nothing was read. */
export function formatReading(value: number, unit: SeriesUnit): string {
  if (!Number.isFinite(value)) return '–';
  switch (unit) {
    case 'share':
      return formatPercent(value);
    case 'cpus':
      return `${toFigures(value)} CPU`;
    case 'count':
      return toFigures(value);
    case 'per-second':
      return `${toFigures(value)}/s`;
    case 'bytes':
      return formatBytes(value);
    case 'bytes-per-second':
      return `${formatBytes(value)}/s`;
    case 'ns':
      return formatNs(value);
  }
}

/** Every digit that was measured, for titles. */
export function formatExactReading(value: number, unit: SeriesUnit): string {
  if (!Number.isFinite(value)) return 'nothing was read';
  const digits = value.toLocaleString('en-GB', { maximumFractionDigits: 6 });
  switch (unit) {
    case 'share':
      return `${(value * 100).toLocaleString('en-GB', { maximumFractionDigits: 4 })} %`;
    case 'cpus':
      return `${digits} CPU seconds a second`;
    case 'count':
      return digits;
    case 'per-second':
      return `${digits} a second`;
    case 'bytes':
      return `${digits} bytes`;
    case 'bytes-per-second':
      return `${digits} bytes a second`;
    case 'ns':
      return `${digits} ns`;
  }
}

export interface ValueTick {
  value: number;
  text: string;
}

export interface ValueAxis {
  /** At the upper edge; above 0. */
  top: number;
  /** From 0 up, the top among them. */
  ticks: readonly ValueTick[];
}

/** Where nothing was above zero: the least that is told apart. */
const LEAST_TOP: Readonly<Record<SeriesUnit, number>> = {
  share: 0.01,
  cpus: 0.1,
  count: 1,
  'per-second': 1,
  bytes: 1024,
  'bytes-per-second': 1024,
  ns: 1000,
};

/** Sums of shares miss their whole by rounding: so much above `atLeast` is still drawn as it, as a part of it. */
const ROUNDING = 0.02;

/** @param most the largest value drawn @param steps about so many are between 0 and the top, 1 to 6 */
export function valueAxis(most: number, unit: SeriesUnit, steps: number, atLeast = 0): ValueAxis {
  const wanted =
    most <= atLeast * (1 + ROUNDING) ? Math.max(atLeast, LEAST_TOP[unit]) : Math.max(most, LEAST_TOP[unit]);
  const size = sizeOfUnit(wanted, unit);
  const step = roundStep(wanted / size / Math.max(1, steps));
  const count = Math.ceil(wanted / size / step - 1e-9);
  const ticks = Array.from({ length: count + 1 }, (_, index) => {
    // Steps such as 0.2 are not exact: their multiples are rounded back to what was meant.
    const value = Number((index * step).toPrecision(12)) * size;
    return { value, text: toTick(value, unit) };
  });
  return { top: ticks.at(-1)!.value, ticks };
}

/** Ticks of bytes are round in KiB, MiB …, shares in %, all others in powers of ten. */
function sizeOfUnit(value: number, unit: SeriesUnit): number {
  if (unit === 'bytes' || unit === 'bytes-per-second') {
    let size = 1;
    while (value >= size * 1024) size *= 1024;
    return size;
  }
  return unit === 'share' ? 0.01 : 1;
}

/** The next of 1, 2, 2.5, 5 and their tenfolds. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  for (const factor of [1, 2, 2.5, 5, 10]) if (factor * power >= least * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

function toTick(value: number, unit: SeriesUnit): string {
  if (value === 0) return '0';
  // Ticks are round: decimals that say nothing only make them wide.
  return formatReading(value, unit).replace(/(\.\d*?)0+(?=[^\d]|$)/, (_, digits: string) =>
    digits === '.' ? '' : digits,
  );
}

/** `0.53`, `12.4`, `480`, `1.2 k`: a load below one is not `1`. */
function toFigures(value: number): string {
  const size = Math.abs(value);
  if (size > 0 && size < 0.005) return '< 0.01';
  if (Number.isInteger(value) || size >= 999.5) return formatCount(value);
  if (size < 9.995) return value.toFixed(2);
  return size < 99.95 ? value.toFixed(1) : value.toFixed(0);
}
