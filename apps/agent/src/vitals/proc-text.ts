/**
 * Owns how numbers are found in the kernel's text files. Total: any text gives numbers or undefined, never an exception, and
 * never a number that is negative or not finite.
 */

/** u64 has twenty digits; more are no counter. */
const MAX_DIGITS = 20;
const ZERO = 48;
const NINE = 57;
const SPACE = 32;
const TAB = 9;
const COLON = 58;

/** The number at `at`, blanks and a colon before it skipped; undefined where there is none, or a minus. */
export function numberAt(text: string, at: number): number | undefined {
  let position = at;
  for (; position < text.length; position++) {
    const code = text.charCodeAt(position);
    if (code !== SPACE && code !== TAB && code !== COLON) break;
  }
  let value = 0;
  let digits = 0;
  for (; position < text.length; position++, digits++) {
    const code = text.charCodeAt(position);
    if (code < ZERO || code > NINE) break;
    value = value * 10 + (code - ZERO);
  }
  return digits === 0 || digits > MAX_DIGITS ? undefined : value;
}

/** Of the line that begins with this name and a blank or colon: `pgfault 12`, `MemFree:  12 kB`. */
export function lineNumber(text: string, name: string): number | undefined {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    if (at > 0 && text.charCodeAt(at - 1) !== 10) continue;
    const after = text.charCodeAt(at + name.length);
    if (after === SPACE || after === TAB || after === COLON) return numberAt(text, at + name.length);
  }
  return undefined;
}

/** Lines, at most so many; the empty ones left out. */
export function linesOf(text: string, most: number): string[] {
  const lines: string[] = [];
  for (let from = 0; from < text.length && lines.length < most; ) {
    const newline = text.indexOf('\n', from);
    const to = newline === -1 ? text.length : newline;
    if (to > from) lines.push(text.slice(from, to));
    from = to + 1;
  }
  return lines;
}

/** Words of a line. */
export function wordsOf(line: string): string[] {
  return line.trim().split(/\s+/);
}

/** A word that is a whole number, else undefined. */
export function toNumber(word: string | undefined): number | undefined {
  return word === undefined || !/^\d{1,20}$/.test(word) ? undefined : Number(word);
}
