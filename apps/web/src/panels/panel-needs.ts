/**
 * Owns what has to be collected for a panel, and what of it is said where a host cannot. What nobody asks for is not
 * attached, so this is all that a dashboard costs beside the scheduler probe.
 */
import { heatmapOf, isHeatmapName } from '@stallscope/latency';
import { COLLECTIBLES, type Collectible } from '@stallscope/protocol';
import { findVitalChart, groupOfChart, VITAL_GROUPS } from '@stallscope/vitals';
import type { PanelAsk } from './panel-messages';

/** In the order of COLLECTIBLES. What a panel costs is asked for with them, once, by whoever has any. */
export function panelNeeds({ kind, arg }: Pick<PanelAsk, 'kind' | 'arg'>): readonly Collectible[] {
  switch (kind) {
    case 'vitals': {
      const chart = findVitalChart(arg);
      return chart === undefined ? [] : [groupOfChart(chart)];
    }
    case 'heatmap':
    case 'events':
      return isHeatmapName(arg) ? [heatmapOf(arg).probe] : [];
    case 'flame':
      return arg === 'cpu' || arg === 'wall' ? ['cpu'] : [];
    case 'checklist':
      return VITAL_GROUPS;
    case 'processes':
    case 'note':
      return [];
  }
}

/** What is asked of a host for its panels, all together, and what each part of it costs. */
export function needsOf(panels: readonly Pick<PanelAsk, 'kind' | 'arg'>[]): Collectible[] {
  const wants = new Set<Collectible>(['costs']);
  for (const panel of panels) for (const want of panelNeeds(panel)) wants.add(want);
  return COLLECTIBLES.filter((collectible) => wants.has(collectible));
}
