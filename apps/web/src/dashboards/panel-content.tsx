'use client';
/** Owns which part draws what is in a panel. */
import type { ReactElement } from 'react';
import type { DashPanel } from './dash-panel';
import type { DashSelection } from './dash-selection';
import type { DashTime } from './use-dashboard';

/** What a panel is given: its own, and what rules all of them. */
export interface PanelContentProps {
  panel: DashPanel;
  /** Of the panel, else of the dashboard; null where no host is known yet. */
  hostId: string | null;
  time: DashTime;
  selection: DashSelection;
  onSelect: (selection: DashSelection) => void;
}

export function PanelContent({ hostId }: PanelContentProps): ReactElement {
  return (
    <p className="p-3 text-dull">
      {hostId === null ? 'No host is chosen.' : 'Waiting for the first window…'}
    </p>
  );
}
