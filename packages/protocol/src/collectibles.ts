/**
 * Owns what an agent can be asked to collect: a closed list, so that no text of a browser names a probe. What nobody asks
 * for is not attached. The scheduler probe is not among it: the windows are of what it sees.
 */
import { LATENCY_PROBES } from '@stallscope/latency';
import { VITAL_GROUPS } from '@stallscope/vitals';

/** `costs`: how long each probe runs in the kernel, which makes each run a little longer. */
export const COLLECTIBLES = ['cpu', ...LATENCY_PROBES, ...VITAL_GROUPS, 'costs'] as const;
export type Collectible = (typeof COLLECTIBLES)[number];

export function isCollectible(text: string): text is Collectible {
  return (COLLECTIBLES as readonly string[]).includes(text);
}

/** What an agent collects though nobody asks, so that a page that is opened finds the minutes before: all that costs little. */
export const DEFAULT_HISTORY: readonly Collectible[] = [
  'cpu',
  'vitals-cpu',
  'vitals-pressure',
  'vitals-memory',
  'vitals-disk',
  'vitals-network',
];
