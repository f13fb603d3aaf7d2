/**
 * Owns the marks behind a hidden name: words of ours in brackets, that say which of the presets' published lists the name
 * was on. What they are for, and how they are set, is in `noise-marks.ts`.
 */
import { NOISE_PRESETS } from './noise-presets.js';

/** Words of a mark by the source of the pattern that it stands for: an edited preset judges by its own words alone. */
export const MARKS: ReadonlyMap<string, string> = new Map(
  NOISE_PRESETS.flatMap(({ name, on, pattern, and, unless }): [string, string][] => {
    const word = name.toLowerCase();
    return [
      [pattern, on === 'wait' ? `in ${word}` : word],
      ...(and === undefined ? [] : [[and, word] as [string, string]]),
      ...(unless === undefined ? [] : [[unless, `not ${word}`] as [string, string]]),
    ];
  }),
);

/** Behind the word of a mark: of threads that are not the first of their process. */
export const BESIDE_FIRST = ' beside the first';

/** Of a label that is none of what the presets know, though it reads as if it were. */
export const NO_MARK = 'of no preset';

/** Of a function that says that a thread waits, never what for: `wait-site.ts`. */
export const SCHEDULER_MARK = 'scheduler';

const KNOWN_MARKS: ReadonlySet<string> = new Set([
  NO_MARK,
  SCHEDULER_MARK,
  ...[...MARKS.values()].flatMap((word) => [word, word + BESIDE_FIRST]),
]);

/** Undefined for a label without any: it is judged by what it is. */
export function readMarks(label: string): ReadonlySet<string> | undefined {
  if (!label.endsWith(')')) return undefined;
  const start = label.lastIndexOf(' (');
  if (start < 0) return undefined;
  const marks = label.slice(start + 2, -1).split(', ');
  return marks.every((mark) => KNOWN_MARKS.has(mark)) ? new Set(marks) : undefined;
}
