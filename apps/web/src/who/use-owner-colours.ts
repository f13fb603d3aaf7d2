'use client';
/**
 * Owns the colours of a page's graphs by whose time it is: the same owner has the same colour in the graph, in both halves
 * of a sandwich, in the legend, and from one window to the next.
 */
import { type FlameOwners, OwnerColours } from '@stallscope/charts';
import { type GroupKey, isNoGroup, type NodeOwners, type TreeOwners } from '@stallscope/profile';
import { useMemo, useRef } from 'react';
import type { GraphView } from '../viewer/graph-view';
import { WHO_WORDS } from './who-words';

export interface ColouredOwners {
  key: GroupKey;
  listed: { name: string; colour: number; value: number }[];
  rest: TreeOwners['rest'];
  /** Of any tree of the view. */
  toFlame: (byNode: NodeOwners) => FlameOwners;
  /** Of the graph itself. */
  graph: FlameOwners;
}

/** Undefined where colours say something else. */
export function useOwnerColours(view: GraphView | null): ColouredOwners | undefined {
  const assigned = useRef(new Map<GroupKey, OwnerColours>());
  const owners = view?.owners ?? null;
  const labels = view?.tree?.labels;
  return useMemo(() => {
    if (owners === null || labels === undefined) return undefined;
    const { key, listed, rest } = owners;
    const colours = assigned.current.get(key) ?? new OwnerColours();
    assigned.current.set(key, colours);
    const names = listed.map(({ label }) => labels[label]!);
    const given = colours.assign(names, isNoGroup);
    const byLabel = new Map(listed.map(({ label }, at) => [label, given[at]!]));
    const toFlame = ({ owner, share, count }: NodeOwners): FlameOwners => ({
      ...{ name: WHO_WORDS[key].name, colours: byLabel },
      ...{ owner, share, count },
    });
    return {
      ...{ key, rest, toFlame },
      listed: listed.map(({ value }, at) => ({ name: names[at]!, colour: given[at]!, value })),
      graph: toFlame(owners),
    };
  }, [owners, labels]);
}
