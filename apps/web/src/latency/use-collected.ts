'use client';
/** Owns what a page asks the agent to collect while it shows it: what the heatmap counts, and what that costs. */
import { heatmapOf } from '@stallscope/latency';
import type { Collectible } from '@stallscope/protocol';
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { liveStore } from '../live/use-live';
import type { Selection } from '../selection/selection';
import { areCostsWanted, onCostsWanted } from './costs-wanted';

export function wantsOf(
  { heat, view }: Pick<Selection, 'heat' | 'view'>,
  areCostsAsked = false,
): readonly Collectible[] {
  const costs = heat !== null || areCostsAsked ? (['costs'] as const) : [];
  return [
    ...(view === 'cpu' || view === 'wall' ? (['cpu'] as const) : []),
    ...(heat === null ? [] : [heatmapOf(heat).probe]),
    ...costs,
  ];
}

/** Takes it back when the page goes to another host or away. @param isAsked not of a recording, which has what it has */
export function useCollected(selection: Selection, isAsked: boolean): void {
  const { host, heat, view } = selection;
  const areCostsAsked = useSyncExternalStore(onCostsWanted, areCostsWanted, () => false);
  const wants = useMemo(() => wantsOf({ heat, view }, areCostsAsked), [heat, view, areCostsAsked]);
  useEffect(() => {
    if (host !== null && isAsked) liveStore().setCollected(host, wants);
  }, [host, wants, isAsked]);
  useEffect(() => {
    if (host === null || !isAsked) return;
    return () => liveStore().setCollected(host, []);
  }, [host, isAsked]);
}
