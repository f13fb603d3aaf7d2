/**
 * Owns durations as people write and read them.
 *
 *     '5' '5s'     5 000 000 000 ns        '2.5s'      2 500 000 000 ns
 *     '1ms'            1 000 000 ns        '100us'           100 000 ns
 */
const NS_PER_UNIT: Record<string, number> = { us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** What is accepted, for messages and help. */
export const DURATION_FORMS = 'a number and a unit of us, ms, s, m or h, such as 1ms or 2.5s';

/** A duration in whole ns; undefined when `text` is none. A bare number is seconds. */
export function readDurationNs(text: string): number | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,9})?)(us|µs|ms|s|m|h)?$/.exec(text);
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * NS_PER_UNIT[match[2] ?? 's']!);
}

/** As the UI writes it, in three digits and the unit that fits: `41.2 s`, `380 µs`, `7.00 ms`. */
export function formatNs(ns: number): string {
  if (ns === 0) return '0 s';
  const [unit, scale] =
    ns >= 0.9995e9 ? ['s', 1e9] : ns >= 0.9995e6 ? ['ms', 1e6] : ns >= 0.9995e3 ? ['µs', 1e3] : ['ns', 1];
  const value = ns / (scale as number);
  const digits = unit === 'ns' || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`;
}
