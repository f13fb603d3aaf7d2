/**
 * Owns where code comes from, as debug information tells it: for an address, the function that it is part of and those that
 * the compiler expanded into it, innermost first, each with the place in it that the next one in was expanded at.
 *
 *     0x1189 → [ { function: 'square', file: 'app.c', line: 3 },      is where the code is written
 *                { function: 'sum',    file: 'app.c', line: 9 },      calls square there, expanded
 *                { function: 'main',   file: 'app.c', line: 20 } ]    calls sum there, expanded; the function proper
 */
export interface SourcePlace {
  /** '' when it is not told. */
  function: string;
  /** Path as the compiler was given it; '' when it is not told. */
  file: string;
  /** 0 when it is not told. */
  line: number;
  /** 0 when it is not told. */
  column: number;
}

/** What the reader is asked: addresses as symbol tables have them, of the file that it has open. */
export interface SourceQuestion {
  vaddrs: readonly number[];
  /** As which user and group it is to read; absent: it stays who it is. */
  uid?: number;
}

/** What it answers: a list for each address, empty where nothing is told. */
export type SourceAnswer = { places: SourcePlace[][] } | { error: string };

/** Addresses of one function that are looked at: it is seen at some dozens. */
export const MAX_SOURCE_VADDRS = 64;
/** Places of one address: functions are expanded into each other some ten deep. */
export const MAX_INLINE_DEPTH = 64;
/** Characters of a path or a function's name. */
export const MAX_SOURCE_TEXT_CHARS = 1024;
