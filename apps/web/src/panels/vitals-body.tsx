'use client';
/** Owns a panel of vitals: a chart of the catalogue over the one clock, and what is said where nothing was read. */
import { TimeSeries, type TimeSpan } from '@stallscope/charts';
import { findVitalChart, groupOfChart } from '@stallscope/vitals';
import { type ReactElement, useCallback, useMemo } from 'react';
import { useTheme } from '../controls/theme';
import type { BodyProps } from './panel-body';
import type { Stretches } from './panel-messages';
import { PanelWords } from './panel-words';
import { setCursor, useCursor } from './shared-cursor';
import { usePanelsOf } from './use-panels';

export function VitalsBody(props: BodyProps<'vitals'>): ReactElement {
  const { panel, hostId, content, clock, selection, onSelect } = props;
  const theme = useTheme();
  const cursor = useCursor();
  const chart = findVitalChart(panel.arg);
  const { readings, series, held, left } = content;
  const span = useMemo(() => ({ fromMs: clock.fromMs, toMs: clock.toMs }), [clock.fromMs, clock.toMs]);
  const gapWords = useCallback((gap: TimeSpan) => (isHeld(held, gap) ? 'not collected' : 'no data'), [held]);
  if (chart === undefined) return <PanelWords>There is no chart “{panel.arg}”.</PanelWords>;
  if (series.length === 0) return <NothingRead hostId={hostId} group={groupOfChart(chart)} />;
  return (
    <div className="relative h-full px-2 pt-1 pb-1">
      {left > 0 && (
        <p className="absolute top-0 right-2 text-dull text-small">
          {chart.shape === 'stacked'
            ? `the ${left} smallest are summed`
            : `the ${left} smallest are not drawn`}
        </p>
      )}
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
        onCursor={setCursor}
        onSelect={(stretch) => onSelect({ ...selection, stretch, region: null })}
      />
    </div>
  );
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
  return (
    <PanelWords>
      <p>Not collected until now.</p>
      <p className="text-small">It is asked for; the first reading comes in about two seconds.</p>
    </PanelWords>
  );
}
