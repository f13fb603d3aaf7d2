'use client';
/** Owns a panel of vitals: a chart of the catalogue over the one clock, and what is said where nothing was read. */
import { TimeSeries, type TimeSpan } from '@stallscope/charts';
import { findVitalChart, groupOfChart } from '@stallscope/vitals';
import { type ReactElement, useCallback, useMemo } from 'react';
import { useTheme } from '../controls/theme';
import type { BodyProps } from './panel-body';
import type { Stretches, VitalsContent } from './panel-messages';
import { NotCollected, PanelWords } from './panel-words';
import { setCursor, useCursor } from './shared-cursor';
import { usePanelsOf } from './use-panels';

export function VitalsBody(props: BodyProps<'vitals'>): ReactElement {
  const { panel, hostId, content, clock, selection, onSelect } = props;
  const theme = useTheme();
  const cursor = useCursor();
  const chart = findVitalChart(panel.arg);
  const { readings, series, held } = content;
  const span = useMemo(() => ({ fromMs: clock.fromMs, toMs: clock.toMs }), [clock.fromMs, clock.toMs]);
  const gapWords = useCallback((gap: TimeSpan) => (isHeld(held, gap) ? 'not collected' : 'no data'), [held]);
  if (chart === undefined) return <PanelWords>There is no chart “{panel.arg}”.</PanelWords>;
  if (series.length === 0) return <NothingRead hostId={hostId} group={groupOfChart(chart)} />;
  return (
    <div className="h-full px-2 pt-1 pb-1">
      <TimeSeries
        readings={readings}
        series={series}
        isStacked={chart.shape === 'stacked'}
        unit={chart.unit}
        atLeast={chart.atLeast}
        span={span}
        selection={selection.stretch}
        cursorMs={cursor}
        theme={theme}
        ariaLabel={chart.title}
        gapWords={gapWords}
        note={noteOf(content, chart.shape === 'stacked')}
        onCursor={setCursor}
        onSelect={(stretch) => onSelect({ ...selection, stretch, region: null })}
      />
    </div>
  );
}

/** What of the host is not in the chart. */
function noteOf({ left, quiet }: VitalsContent, isStacked: boolean): string | undefined {
  const parts = [
    ...(quiet > 0 ? [`${quiet} at 0`] : []),
    ...(left > 0 && !isStacked ? [`the ${left} smallest`] : []),
  ];
  return parts.length === 0 ? undefined : `not drawn: ${parts.join(', ')}`;
}

/** Windows were there in the middle of a gap: then nothing asked for it. */
function isHeld(held: Stretches, gap: TimeSpan): boolean {
  const middleMs = (gap.fromMs + gap.toMs) / 2;
  return held.some(({ fromMs, toMs }) => fromMs <= middleMs && middleMs < toMs);
}

function NothingRead({ hostId, group }: { hostId: string; group: string }): ReactElement {
  const state = usePanelsOf(
    ({ standing }) => standing.get(hostId)?.find(({ name }) => name === group)?.state ?? null,
  );
  const detail = usePanelsOf(
    ({ standing }) => standing.get(hostId)?.find(({ name }) => name === group)?.detail ?? '',
  );
  if (state === 'refused') return <PanelWords>This host does not have it: {detail}</PanelWords>;
  if (state === 'on')
    return (
      <PanelWords>
        <p>This host has nothing of it.</p>
        {detail !== '' && <p className="text-small">{detail}</p>}
      </PanelWords>
    );
  return <NotCollected hostId={hostId} />;
}
