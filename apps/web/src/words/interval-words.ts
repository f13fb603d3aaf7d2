/** Owns the window lengths that a page offers, shortest first, and their words. */
import { WINDOW_LENGTHS_MS, type WindowLengthMs } from '@stallscope/protocol';

export const INTERVALS_MS: readonly WindowLengthMs[] = [...WINDOW_LENGTHS_MS].sort((a, b) => a - b);

export const INTERVAL_WORDS: Readonly<Record<WindowLengthMs, string>> = {
  250: 'every 250 ms',
  500: 'every 500 ms',
  1000: 'every 1 s',
  2000: 'every 2 s',
  5000: 'every 5 s',
};
