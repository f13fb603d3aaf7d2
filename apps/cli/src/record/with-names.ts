/**
 * Owns what `record --with` may name: probes of latencies, also by the name of their heatmap, and groups of vitals.
 *
 *     'biolatency,dns'  →  block, dns          'vitals'  →  all groups of vitals          'all'  →  everything
 */
import { HEATMAPS, LATENCY_PROBES } from '@stallscope/latency';
import type { Collectible } from '@stallscope/protocol';
import { VITAL_GROUPS } from '@stallscope/vitals';
import { InvalidArgumentError } from 'commander';
import { findNearest } from '../nearest.js';

const ALL: readonly Collectible[] = [...LATENCY_PROBES, ...VITAL_GROUPS];

const MEANING: ReadonlyMap<string, readonly Collectible[]> = new Map<string, readonly Collectible[]>([
  ...ALL.map((name) => [name, [name]] as const),
  ...HEATMAPS.map(({ name, probe }) => [name, [probe]] as const),
  ['vitals', VITAL_GROUPS],
  ['all', ALL],
]);

/** For help and messages: the names that say most; those of probes are accepted too. */
export const WITH_NAMES: readonly string[] = [
  ...HEATMAPS.map(({ name }) => name),
  'vitals',
  ...VITAL_GROUPS,
  'all',
];

/** Comma-separated; for a flag that may be given several times. @throws InvalidArgumentError, which names the nearest */
export function withNames(text: string, before: readonly Collectible[] = []): Collectible[] {
  const wants = new Set(before);
  for (const name of text.split(',').map((part) => part.trim())) {
    const meant = MEANING.get(name);
    if (meant === undefined) {
      const nearest = findNearest(name, [...MEANING.keys()]);
      const guess = nearest === undefined ? '' : ` (Did you mean ${nearest}?)`;
      throw new InvalidArgumentError(`Accepted: ${WITH_NAMES.join(', ')}; several with commas.${guess}`);
    }
    for (const want of meant) wants.add(want);
  }
  return [...wants];
}
