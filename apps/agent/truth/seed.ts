/**
 * Owns the draws of the suite: one seed a run, printed, and given again by STALLSCOPE_SEED. Each case draws from its own
 * stream, so that a case alone has the arguments that it has in the whole suite.
 */

/** Of this run: an integer from 1 to 2^31. @throws Error when STALLSCOPE_SEED is no such number */
export function readSeed(environment: NodeJS.ProcessEnv, now: () => number): number {
  const given = environment.STALLSCOPE_SEED;
  if (given === undefined) return 1 + (Math.trunc(now()) % 2 ** 31);
  const seed = Number(given);
  if (!Number.isSafeInteger(seed) || seed < 1 || seed > 2 ** 31) {
    throw new Error(`STALLSCOPE_SEED=${given}: a whole number from 1 to ${2 ** 31} repeats a run`);
  }
  return seed;
}

export interface Draws {
  /** A seed for a workload that draws for itself. */
  seed(): number;
  /** A whole number, both ends included. */
  between(low: number, high: number): number;
  /** Each octave as likely: as many short lengths as long ones. */
  length(low: number, high: number): number;
  oneOf<T>(values: readonly T[]): T;
}

export function drawsOf(seed: number, caseName: string): Draws {
  let state = seed >>> 0;
  for (const letter of caseName) state = Math.imul(state ^ letter.codePointAt(0)!, 0x01000193) >>> 0;
  // mulberry32
  const unit = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number): number => low + Math.floor(unit() * (high - low + 1));
  return {
    seed: () => between(1, 2 ** 31 - 1),
    between,
    length: (low, high) => Math.round(low * (high / low) ** unit()),
    oneOf: (values) => values[between(0, values.length - 1)]!,
  };
}
