'use client';
/** Owns which part draws what a panel shows, and what it says while there is nothing to draw. */
import type { ReactElement } from 'react';
import type { DashPanel } from '../dashboards/dash-panel';
import type { DashSelection } from '../dashboards/dash-selection';
import type { DashTime } from '../dashboards/use-dashboard';
import { ChecklistBody } from './checklist-body';
import { EventsBody } from './events-body';
import { FlameBody } from './flame-body';
import { HeatmapBody } from './heatmap-body';
import type { PanelClock } from './panel-messages';
import { AwayLine, PanelWords, WaitingWords } from './panel-words';
import type { PanelsSnapshot, ShownContent } from './panels-store';
import { ProcessesBody } from './processes-body';
import { usePanelData, usePanelsOf } from './use-panels';
import { VitalsBody } from './vitals-body';

export interface PanelBodyProps {
  panel: DashPanel;
  /** Of the panel, else of the dashboard; null where no host is known yet. */
  hostId: string | null;
  time: DashTime;
  selection: DashSelection;
  onSelect: (selection: DashSelection) => void;
}

/** What each part is given. */
export interface BodyProps<Kind extends ShownContent['kind']> {
  panel: DashPanel;
  hostId: string;
  content: Extract<ShownContent, { kind: Kind }>;
  clock: PanelClock;
  time: DashTime;
  selection: DashSelection;
  onSelect: (selection: DashSelection) => void;
}

export function PanelBody(props: PanelBodyProps): ReactElement {
  const { panel, hostId } = props;
  const data = usePanelData(panel.id);
  const clock = usePanelsOf(clockOf);
  if (hostId === null) return <WaitingWords hostId="" />;
  if (data === undefined || data.state === 'waiting' || clock === null)
    return <WaitingWords hostId={hostId} />;
  if (data.state === 'ended')
    return (
      <PanelWords>
        The hub has no stream of the host “{hostId}”: {data.reason}.
      </PanelWords>
    );
  return (
    <div className="flex h-full min-w-0 flex-col">
      {/* Of the dashboard's own host it is said once, above all panels. */}
      {panel.host !== null && <AwayLine hostId={hostId} />}
      <div className="min-h-0 flex-1">
        <Content {...props} hostId={hostId} clock={clock} content={data.content} />
      </div>
    </div>
  );
}

const clockOf = ({ clock }: PanelsSnapshot) => clock;

function Content({
  content,
  ...props
}: Omit<BodyProps<ShownContent['kind']>, 'content'> & { content: ShownContent }): ReactElement {
  switch (content.kind) {
    case 'vitals':
      return <VitalsBody {...props} content={content} />;
    case 'heatmap':
      return <HeatmapBody {...props} content={content} />;
    case 'flame':
      return <FlameBody {...props} content={content} />;
    case 'processes':
      return <ProcessesBody {...props} content={content} />;
    case 'events':
      return <EventsBody {...props} content={content} />;
    case 'checklist':
      return <ChecklistBody {...props} content={content} />;
  }
}
