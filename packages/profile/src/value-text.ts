/**
 * Owns how numbers are written for a reader: a value and its unit with a space between, enough digits to compare and no
 * more, the same width for the same magnitude (set in tabular figures), and never a value rounded into a claim: a share
 * below one is never written 100 %, one above zero never 0 %.
 */
import type { ValueUnit } from './sample-profile.js';

interface Unit {
  suffix: string;
  size: number;
  /** Digits below one are never written: 0.5 ns does not exist. */
  whole?: true;
}

const SECOND_NS = 1e9;
const MINUTE_NS = 60 * SECOND_NS;
const HOUR_NS = 60 * MINUTE_NS;
const NS_UNITS: readonly Unit[] = [
  { suffix: 'ns', size: 1, whole: true },
  { suffix: 'µs', size: 1e3 },
  { suffix: 'ms', size: 1e6 },
  { suffix: 's', size: SECOND_NS },
];
const COUNT_UNITS: readonly Unit[] = [
  { suffix: '', size: 1, whole: true },
  { suffix: 'k', size: 1e3 },
  { suffix: 'M', size: 1e6 },
  { suffix: 'G', size: 1e9 },
  { suffix: 'T', size: 1e12 },
];
const BYTE_UNITS: readonly Unit[] = [
  { suffix: 'B', size: 1, whole: true },
  { suffix: 'KiB', size: 2 ** 10 },
  { suffix: 'MiB', size: 2 ** 20 },
  { suffix: 'GiB', size: 2 ** 30 },
  { suffix: 'TiB', size: 2 ** 40 },
];
/** Beyond this, minutes say more than seconds. */
const SECONDS_UP_TO_NS = 1000 * SECOND_NS;
/** Thin enough to keep a number one word, wide enough to count its groups. */
const GROUP_SPACE = '\u202f';
const NOT_A_NUMBER = '–';

/** Three figures: `380 µs`, `41.2 s`, `9.99 ms`; from 1000 s on `16 min 40 s`, `2 h 5 min`. */
export function formatNs(ns: number): string {
  if (!Number.isFinite(ns)) return NOT_A_NUMBER;
  if (ns < 0) return `−${formatNs(-ns)}`;
  if (ns === 0) return '0 s';
  const text = scaled(ns, NS_UNITS, 3);
  // Rounding can carry 999.6 s over the limit too.
  return text !== undefined && ns < SECONDS_UP_TO_NS ? text : formatLong(ns);
}

/** Every digit: `41.234 567 890 s`, in the unit that formatNs would choose below a minute's worth of digits. */
export function formatExactNs(ns: number): string {
  if (!Number.isFinite(ns)) return NOT_A_NUMBER;
  if (ns < 0) return `−${formatExactNs(-ns)}`;
  const whole = Math.round(ns);
  const unit = unitOf(whole, NS_UNITS);
  const above = Math.floor(whole / unit.size);
  const digits = Math.log10(unit.size);
  const below = digits === 0 ? '' : String(whole % unit.size).padStart(digits, '0');
  return `${grouped(String(above))}${below === '' ? '' : `.${groupedFraction(below)}`} ${unit.suffix}`;
}

/** `980`, `1.2 k`, `12.3 k`, `123 k`. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return NOT_A_NUMBER;
  if (count < 0) return `−${formatCount(-count)}`;
  return (scaled(count, COUNT_UNITS, 3, 1) ?? count.toExponential(1)).trim();
}

/** `1.2 k/s`. */
export function formatRate(perSecond: number): string {
  if (Number.isFinite(perSecond) && Math.abs(perSecond) < 10 && !Number.isInteger(perSecond)) {
    return `${perSecond.toFixed(1)}/s`;
  }
  return `${formatCount(perSecond)}/s`;
}

/** Time of many threads in a second of the clock: `380 ms/s`, `41.2 s/s`, `1 675 s/s`, which minutes would only hide. */
export function formatTimeRate(nsPerSecond: number): string {
  if (!Number.isFinite(nsPerSecond)) return NOT_A_NUMBER;
  const seconds = Math.round(nsPerSecond / SECOND_NS);
  return seconds < 1000 ? `${formatNs(nsPerSecond)}/s` : `${grouped(String(seconds))} s/s`;
}

/** A share of one: `12.4 %`; `< 0.1 %` and `> 99.9 %` where rounding would deny or complete it. */
export function formatPercent(share: number): string {
  if (!Number.isFinite(share)) return NOT_A_NUMBER;
  if (share < 0) return `−${formatPercent(-share)}`;
  if (share === 0) return '0 %';
  if (share === 1) return '100 %';
  if (share < 0.0005) return '< 0.1 %';
  if (share >= 0.9995 && share < 1) return '> 99.9 %';
  return `${(share * 100).toFixed(1)} %`;
}

/** Powers of 1024: `512 B`, `1.50 KiB`, `300 MiB`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return NOT_A_NUMBER;
  if (bytes < 0) return `−${formatBytes(-bytes)}`;
  return scaled(bytes, BYTE_UNITS, 3) ?? `${bytes.toExponential(1)} B`;
}

/** A value of a tree in its unit: `41.2 s`, `1.2 k`, `1.50 KiB`. */
export function formatValue(value: number, unit: ValueUnit): string {
  if (unit === 'nanoseconds') return formatNs(value);
  return unit === 'bytes' ? formatBytes(value) : formatCount(value);
}

/** Every digit of it: `41.234 567 890 s`, `1 234 567`, `1 536 B`. */
export function formatExactValue(value: number, unit: ValueUnit): string {
  if (unit === 'nanoseconds') return formatExactNs(value);
  if (!Number.isFinite(value)) return NOT_A_NUMBER;
  const digits = grouped(String(Math.round(Math.abs(value))));
  return `${value < 0 ? '−' : ''}${digits}${unit === 'bytes' ? ' B' : ''}`;
}

/** A change with its sign: `+1.20 s`, `−380 µs`, `0 s`. */
export function formatChange(change: number, unit: ValueUnit): string {
  return change > 0 ? `+${formatValue(change, unit)}` : formatValue(change, unit);
}

/** The figures asked for in the largest unit of which there is at least one; undefined beyond the last unit. */
function scaled(value: number, units: readonly Unit[], figures: number, maxDecimals = 2): string | undefined {
  for (const [index, unit] of units.entries()) {
    const next = units[index + 1];
    const inUnit = value / unit.size;
    const limit = next === undefined ? 1000 : next.size / unit.size;
    // Whole digits before the point take from the figures; 1000 KiB and the like have four.
    const decimals = unit.whole ? 0 : decimalsFor(inUnit, figures, maxDecimals);
    const text = inUnit.toFixed(decimals);
    if (Number(text) < limit) return `${text} ${unit.suffix}`;
  }
  return undefined;
}

function decimalsFor(value: number, figures: number, maxDecimals: number): number {
  const wholeDigits = value < 9.995 ? 1 : value < 99.95 ? 2 : 3;
  return Math.min(maxDecimals, Math.max(0, figures - wholeDigits));
}

function unitOf(value: number, units: readonly Unit[]): Unit {
  let chosen = units[0]!;
  for (const unit of units) if (value >= unit.size) chosen = unit;
  return chosen;
}

function formatLong(ns: number): string {
  const seconds = Math.round(ns / SECOND_NS);
  if (seconds * SECOND_NS < HOUR_NS) {
    return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  }
  const minutes = Math.round(ns / MINUTE_NS);
  if (minutes < 100 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${formatCount(Math.round(ns / HOUR_NS))} h`;
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, GROUP_SPACE);
}

function groupedFraction(digits: string): string {
  return digits.replace(/(\d{3})(?=\d)/g, `$1${GROUP_SPACE}`);
}
