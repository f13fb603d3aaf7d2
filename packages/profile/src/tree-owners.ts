/**
 * Owns what a graph that is coloured by who is told: whose each node is, and the largest of all, of which a legend can
 * speak. Owners are label ids, as the tree's own labels are.
 */
import type { NodeOwners } from './node-owners.js';
import type { GroupKey } from './who-table.js';

/** Owners that are listed by name: as many as a legend is read to the end, and colours are told apart. */
export const MAX_LISTED_OWNERS = 12;

export interface TreeOwners extends NodeOwners {
  key: GroupKey;
  /** Most time first, then by name. */
  listed: { label: number; value: number }[];
  /** Those beside them. */
  rest: { count: number; value: number };
}

export function toTreeOwners(
  key: GroupKey,
  byNode: NodeOwners,
  values: ReadonlyMap<number, number>,
  labels: readonly string[],
): TreeOwners {
  const all = [...values]
    .map(([label, value]) => ({ label, value }))
    .sort((a, b) => b.value - a.value || (labels[a.label]! < labels[b.label]! ? -1 : 1));
  const rest = all.slice(MAX_LISTED_OWNERS);
  return {
    ...byNode,
    key,
    listed: all.slice(0, MAX_LISTED_OWNERS),
    rest: { count: rest.length, value: rest.reduce((sum, { value }) => sum + value, 0) },
  };
}
