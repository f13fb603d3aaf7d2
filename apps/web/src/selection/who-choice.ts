/**
 * Owns whose rows are shown as the query string has it: a key and its value each, at most one a key.
 *
 *     who=user~root~unit~nginx.service     only rows of root's in that unit
 */
import { GROUP_KEYS, type GroupKey, type WhoFilter } from '@stallscope/profile';
import { joinSteps, splitSteps } from './escaped-steps';

export interface WhoChoice {
  key: GroupKey;
  value: string;
}

/** Characters of one value: a command line that is longer is not chosen by its text. */
const MAX_VALUE_CHARS = 300;

/** What cannot be read is left out; the order is that of GROUP_KEYS. */
export function readWho(text: string): WhoChoice[] {
  const steps = splitSteps(text, '~') ?? [];
  const chosen: WhoChoice[] = [];
  for (const key of GROUP_KEYS) {
    for (let at = 0; at + 1 < steps.length; at += 2) {
      const value = steps[at + 1]!;
      if (steps[at] !== key || value === '' || value.length > MAX_VALUE_CHARS) continue;
      chosen.push({ key, value });
      break;
    }
  }
  return chosen;
}

export function writeWho(choices: readonly WhoChoice[]): string {
  return joinSteps(
    choices.flatMap(({ key, value }) => [key, value]),
    '~',
  );
}

export function toWhoFilter(choices: readonly WhoChoice[]): WhoFilter {
  return Object.fromEntries(choices.map(({ key, value }) => [key, value]));
}

export function withWho(choices: readonly WhoChoice[], key: GroupKey, value: string): WhoChoice[] {
  return [...withoutWho(choices, key), { key, value }].sort(
    (a, b) => GROUP_KEYS.indexOf(a.key) - GROUP_KEYS.indexOf(b.key),
  );
}

export function withoutWho(choices: readonly WhoChoice[], key: GroupKey): WhoChoice[] {
  return choices.filter((choice) => choice.key !== key);
}
