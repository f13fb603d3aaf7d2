'use client';
/** Owns asking for what the panels of a dashboard show: whenever one of them, or what rules them, changes. */
import { useMemo } from 'react';
import type { DashPanel } from '../dashboards/dash-panel';
import type { DashSelection } from '../dashboards/dash-selection';
import type { DashTime } from '../dashboards/use-dashboard';
import type { PanelsAsk } from './panel-messages';
import { useAskPanels } from './use-panels';

export interface ShownPanels {
  /** Null where none is chosen. */
  panels: readonly DashPanel[] | null;
  /** Of panels that name none. */
  hostId: string | null;
  time: DashTime;
  selection: DashSelection;
}

export function useDashboardPanels({ panels, hostId, time, selection }: ShownPanels): void {
  const { spanMs, windowMs, pausedAtMs } = time;
  const { stretch, region, process } = selection;
  // A selection is made anew with every change of the address; its text is the same.
  const selected = JSON.stringify({ stretch, region, process });
  useAskPanels(
    useMemo(
      (): PanelsAsk => ({
        panels: (panels ?? []).flatMap(({ id, kind, arg, host }) => {
          const of = host ?? hostId;
          return of === null || kind === 'note' ? [] : [{ id, kind, arg, hostId: of }];
        }),
        ...{ spanMs, windowMs, pausedAtMs },
        selection: JSON.parse(selected) as DashSelection,
      }),
      [panels, hostId, spanMs, windowMs, pausedAtMs, selected],
    ),
  );
}
