/**
 * Owns reading the values of flags, strictly. Each reader returns a function that commander calls with the text; what
 * it throws names what is accepted, and commander puts the flag and the value before it.
 */
import { InvalidArgumentError } from 'commander';
import { DURATION_FORMS, formatNs, readDurationNs } from './duration.js';
import { findNearest } from './nearest.js';

/** Linux bounds thread ids by /proc/sys/kernel/pid_max, at most 2^22. */
const MAX_TID = 4_194_304;
/** The kernel keeps 16 bytes for a thread's name, the last of them zero. */
export const MAX_COMM_BYTES = 15;

export function oneOf<Value extends string>(values: readonly Value[]): (text: string) => Value {
  return (text) => {
    const value = values.find((known) => known === text);
    if (value !== undefined) return value;
    const nearest = findNearest(text, values);
    throw new InvalidArgumentError(
      `Accepted: ${values.join(', ')}.${nearest === undefined ? '' : ` (Did you mean ${nearest}?)`}`,
    );
  };
}

/** Names with commas between, each once, in the order of `values`; `none` for none of them. */
export function listOf<Value extends string>(values: readonly Value[]): (text: string) => readonly Value[] {
  return (text) => {
    if (text === 'none') return [];
    const names = text.split(',').map((name) => oneOf(values)(name.trim()));
    return values.filter((value) => names.includes(value));
  };
}

export function wholeNumber(least: number, most: number, what: string): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Accepted: ${what}, a whole number from ${least} to ${most}.`);
  };
}

/** For a flag that may be given several values, and several times. */
export function eachTid(what: string): (text: string, before: number[] | undefined) => number[] {
  const read = wholeNumber(1, MAX_TID, what);
  return (text, before) => [...new Set([...(before ?? []), read(text)])];
}

/** `unitless` says whether a bare number may stand for seconds: where a unit is easily forgotten, it may not. */
export function durationNs(leastNs: number, mostNs: number, unitless: boolean): (text: string) => number {
  return (text) => {
    const ns = !unitless && /^[\d.]+$/.test(text) && Number(text) !== 0 ? undefined : readDurationNs(text);
    if (ns !== undefined && ns >= leastNs && ns <= mostNs) return ns;
    const bare = unitless ? '; a bare number is seconds' : '';
    throw new InvalidArgumentError(
      `Accepted: ${DURATION_FORMS}${bare}; from ${formatNs(leastNs)} to ${formatNs(mostNs)}.`,
    );
  };
}

export function comm(text: string): string {
  if (text.length > 0 && Buffer.byteLength(text) <= MAX_COMM_BYTES) return text;
  throw new InvalidArgumentError(
    `Accepted: a thread's name as \`ps -L -o comm\` shows it, 1 to ${MAX_COMM_BYTES} bytes: the kernel keeps no more.`,
  );
}

/** What has an `@` passes, for commander would print it, secrets and all: `hubUrlFault` refuses it without. */
export function hubUrl(text: string): string {
  if (text.includes('@')) return text;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && (url.protocol === 'ws:' || url.protocol === 'wss:')) {
    if (!/[?#]/.test(text)) return text;
    throw new InvalidArgumentError(
      'Accepted: the hub as ws://HOST:PORT or wss://HOST:PORT, with neither a query nor a fragment. A token goes into a file: --token-file.',
    );
  }
  throw new InvalidArgumentError('Accepted: the hub as ws://HOST:PORT or wss://HOST:PORT.');
}

/** Why a hub's URL with an `@` is refused, without the part that may be a secret; undefined when it has none. */
export function hubUrlFault(text: string): string | undefined {
  return text.includes('@')
    ? '--hub: a user name or password in the URL would be seen by every user of this host. Accepted: ws://HOST:PORT or wss://HOST:PORT, and the token in a file: --token-file FILE.'
    : undefined;
}
