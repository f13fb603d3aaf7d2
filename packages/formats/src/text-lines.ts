/**
 * Owns reading text line by line from bytes that are not trusted: never the whole text as one string, never a line
 * longer than its bound. Ends of lines are `\n` or `\r\n`; what is no UTF-8 is refused with its line.
 */
import { FormatError } from './format-error.js';
import type { FormatName } from './format-names.js';

/** UTF-16 units of one line: a folded stack of 20,000 frames with names of 100. */
export const MAX_LINE_CHARS = 2 * 1024 * 1024;
/** Bytes decoded at once. */
const CHUNK_BYTES = 256 * 1024;

/** Calls `line` with each line, numbered from 1. @throws FormatError */
export function readLines(
  bytes: Uint8Array,
  format: FormatName,
  line: (text: string, number: number) => void,
): void {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  let number = 1;
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    let text: string;
    try {
      text = decoder.decode(bytes.subarray(at, at + CHUNK_BYTES), {
        stream: at + CHUNK_BYTES < bytes.length,
      });
    } catch {
      throw new FormatError(format, `line ${number} or soon after`, 'is not UTF-8 text');
    }
    const whole = rest + text;
    let from = 0;
    for (let end = whole.indexOf('\n'); end >= 0; end = whole.indexOf('\n', from)) {
      const isReturn = end > from && whole.charCodeAt(end - 1) === 0x0d;
      line(whole.slice(from, isReturn ? end - 1 : end), number++);
      from = end + 1;
    }
    rest = whole.slice(from);
    if (rest.length > MAX_LINE_CHARS) {
      throw new FormatError(format, `line ${number}`, `is longer than ${MAX_LINE_CHARS} characters`);
    }
  }
  if (rest !== '') line(rest, number);
}
