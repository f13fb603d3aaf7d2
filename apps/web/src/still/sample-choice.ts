'use client';
/** Owns which profile of a file is shown, and which of its values: names in the query string beside the selection's. */
import { parseAsInteger, parseAsString, useQueryStates } from 'nuqs';

const PARSERS = { profile: parseAsInteger.withDefault(0), value: parseAsString };

export interface SampleChoice {
  /** Index into the file's profiles. */
  profile: number;
  /** Name of a value type; null is the profile's own. */
  value: string | null;
}

export function useSampleChoice(): [SampleChoice, (choice: Partial<SampleChoice>) => void] {
  const [choice, set] = useQueryStates(PARSERS, { clearOnDefault: true, shallow: true });
  return [choice, (change) => void set(change, { history: 'push' })];
}
