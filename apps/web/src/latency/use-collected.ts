'use client';
/** Owns what a page asks the agent to collect while it shows it: what the heatmap counts, and what that costs. */
import { heatmapOf } from '@stallscope/latency';
import type { Collectible } from '@stallscope/protocol';
import { useEffect, useMemo } from 'react';
import { liveStore } from '../live/use-live';
import type { Selection } from '../selection/selection';

export function wantsOf({ heat, view }: Pick<Selection, 'heat' | 'view'>): readonly Collectible[] {
  return [
    ...(view === 'cpu' || view === 'wall' ? (['cpu'] as const) : []),
    ...(heat === null ? [] : ([heatmapOf(heat).probe, 'costs'] as const)),
  ];
}

/** Takes it back when the page goes to another host or away. @param isAsked not of a recording, which has what it has */
export function useCollected(selection: Selection, isAsked: boolean): void {
  const { host, heat, view } = selection;
  const wants = useMemo(() => wantsOf({ heat, view }), [heat, view]);
  useEffect(() => {
    if (host !== null && isAsked) liveStore().setCollected(host, wants);
  }, [host, wants, isAsked]);
  useEffect(() => {
    if (host === null || !isAsked) return;
    return () => liveStore().setCollected(host, []);
  }, [host, isAsked]);
}
