/**
 * Owns asking the C++ runtime for the name behind `_Z…`, and what it is not asked: a name is up to whoever made the file,
 * and a hundred bytes of one can stand for gigabytes, as each part may name earlier parts again:
 *
 *     _Z1f1aIiiE S_IS0_S0_E S_IS1_S1_E …      each step doubles what is printed
 *
 * With r such references to n bytes the text has at most n × 3^(r/3) characters (k references a level, r/k levels, k = e at
 * worst), so names for which that is too much stay as they are: 1 in 3,000 of LLVM's.
 */
import { cxxRuntime, takeText } from './native.js';

/** The runtime's own limit since GCC 9 (its recursion limit, by length); older ones have none, and would use up the stack. */
const MAX_MANGLED_CHARS = 1024;
/** Characters that the runtime may print: some milliseconds at worst. */
const MAX_PRINTED_CHARS = 4 * 1024 * 1024;
/**
 * The runtime keeps room on the stack for each pair of a template and a reference to a parameter, 16 bytes, up to four
 * times over; its stack here is 1 MiB.
 */
const MAX_SCOPE_PAIRS = 8_192;
/** As the tables of a profile keep names. */
const MAX_NAME_BYTES = 4_096;

const REFERENCE = /[ST][0-9A-Z]*_/g;
const REFERENCE_TO_PARAMETER = /[RO]T/g;
const GROWTH_A_REFERENCE = Math.log(3) / 3;

/** undefined when it is no such name, or one that is not asked for. */
export function demangleCxx(mangled: string): string | undefined {
  const runtime = cxxRuntime();
  if (runtime === undefined || !isBounded(mangled)) return undefined;
  const status = new Int32Array(1);
  const text = runtime.demangle(Buffer.from(`${mangled}\0`, 'latin1'), null, null, status);
  return text === null ? undefined : takeText(text, MAX_NAME_BYTES);
}

function isBounded(mangled: string): boolean {
  if (mangled.length > MAX_MANGLED_CHARS) return false;
  const references = countOf(mangled, REFERENCE);
  if (references * GROWTH_A_REFERENCE + Math.log(mangled.length) > Math.log(MAX_PRINTED_CHARS)) return false;
  const templates = mangled.split('I').length - 1;
  return templates * countOf(mangled, REFERENCE_TO_PARAMETER) <= MAX_SCOPE_PAIRS;
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
