/**
 * Owns the buckets that lengths of time are counted in, the same in the kernel (probes/include/length-bucket.h) and here:
 * octaves of four geometric parts, so that a bucket is 18.9 % wide, and octaves from 1 µs up are those of the bcc tools.
 *
 *     ticks = ns × 128/125, so 1 µs = 1,024 ticks     octave = floor(log2 ticks)     quarter = of that octave, 0 to 3
 *
 *     bucketOf(1_000) = 40      bucketFromNs(40) = 1_000      bucketToNs(40) = 1_189.2
 *     bucketOf(2_000) = 44      octaveFromNs(11) = 2_000
 *
 * Invariant: bucketOf is the kernel's, to the nanosecond; a kernel test compares the two.
 */

/** Octaves of a length; the last is open above and begins at 2^39 ticks, nine minutes. */
export const OCTAVES = 40;
/** Parts of an octave, each 2^(1/4) wide. */
export const QUARTERS = 4;
export const BUCKETS = OCTAVES * QUARTERS;

/** Where quarters 1, 2 and 3 begin in an octave whose first value is 2^31: 2^31 × 2^(1/4), 2^(2/4), 2^(3/4), rounded up. */
const QUARTER_STARTS = [0x9837f052, 0xb504f334, 0xd744fccb] as const;

/** Nanoseconds a tick. */
const TICK_NS = 125 / 128;

/** @param ns whole, 0 to 2^53 @returns 0 to BUCKETS - 1 */
export function bucketOf(ns: number): number {
  // As integers, in two parts: 128 × 2^53 is more than a number holds exactly.
  const whole = Math.floor(ns / 125);
  const ticks = whole * 128 + Math.floor(((ns - whole * 125) * 128) / 125);
  if (ticks <= 1) return 0;
  const octave = exponentOf(ticks);
  if (octave >= OCTAVES) return BUCKETS - 1;
  const scaled = Math.floor(ticks * 2 ** (31 - octave));
  let quarter = 0;
  for (const start of QUARTER_STARTS) if (scaled >= start) quarter++;
  return octave * QUARTERS + quarter;
}

/** floor(log2 n) of a whole number of at least 1; Math.log2 rounds 2^49 - 1 up. */
function exponentOf(n: number): number {
  let exponent = Math.floor(Math.log2(n));
  if (2 ** exponent > n) exponent--;
  return exponent;
}

/** The octave of a bucket: what rows of waits call their bucket. */
export function octaveOfBucket(bucket: number): number {
  return Math.floor(bucket / QUARTERS);
}

export function quarterOfBucket(bucket: number): number {
  return bucket % QUARTERS;
}

/** Where a bucket begins, ns, with fractions; the first begins at 0. */
export function bucketFromNs(bucket: number): number {
  return bucket <= 0 ? 0 : edgeNs(bucket);
}

/** Where the next bucket begins, ns; Infinity of the last. */
export function bucketToNs(bucket: number): number {
  return bucket >= BUCKETS - 1 ? Number.POSITIVE_INFINITY : edgeNs(bucket + 1);
}

/** Where an octave begins, ns; the first begins at 0. */
export function octaveFromNs(octave: number): number {
  return bucketFromNs(octave * QUARTERS);
}

/** Where the next octave begins, ns; Infinity of the last. */
export function octaveToNs(octave: number): number {
  return octave >= OCTAVES - 1 ? Number.POSITIVE_INFINITY : edgeNs((octave + 1) * QUARTERS);
}

/** The edge below `bucket`, ns, for any bucket from 1 to BUCKETS; also where an axis ends. */
export function edgeNs(bucket: number): number {
  return 2 ** (bucket / QUARTERS) * TICK_NS;
}
