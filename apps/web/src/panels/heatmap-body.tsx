'use client';
/** Owns a panel of a latency heatmap: its brush is the selection of all panels, a stretch of time and one of lengths. */
import {
  formatCount,
  formatNs,
  type HeatBrush,
  HeatLegend,
  type HeatScaleName,
  type HoveredHeat,
  LatencyHeatmap,
  mostIn,
  toHeatScale,
} from '@stallscope/charts';
import { BUCKETS, bucketFromNs, bucketToNs, heatmapOf } from '@stallscope/latency';
import { type ReactElement, useMemo, useRef, useState } from 'react';
import { useTheme } from '../controls/theme';
import { toClock } from '../words/words';
import { useBoxHeight } from './box-height';
import type { BodyProps } from './panel-body';
import { NotCollected, PanelWords } from './panel-words';
import { setCursor, useCursor } from './shared-cursor';

const LINE_NAMES = ['p50', 'p95', 'p99'] as const;

export function HeatmapBody(props: BodyProps<'heatmap'>): ReactElement {
  return props.content.heat.collection.collected === 0 ? (
    <NothingCounted {...props} />
  ) : (
    <Picture {...props} />
  );
}

function Picture(props: BodyProps<'heatmap'>): ReactElement {
  const { content, hostId, clock, selection, onSelect } = props;
  const { heat } = content;
  const theme = useTheme();
  const cursor = useCursor();
  const box = useRef<HTMLDivElement>(null);
  const heightPx = useBoxHeight(box);
  const [scaleName, setScaleName] = useState<HeatScaleName>('log');
  const [hovered, setHovered] = useState<HoveredHeat | null>(null);
  const lines = useMemo(
    () => heat.percentiles.map((ns, index) => ({ name: LINE_NAMES[index]!, ns })),
    [heat],
  );
  const scale = useMemo(() => toHeatScale(mostIn(heat.grid), scaleName), [heat, scaleName]);
  const kind = heatmapOf(heat.name);
  const { stretch, region } = selection;
  const isOwn = region !== null && region.hostId === hostId && region.name === heat.name;
  const brush = useMemo(
    (): HeatBrush | null =>
      stretch === null
        ? null
        : {
            time: stretch,
            latency: isOwn ? { fromBucket: region.fromBucket, toBucket: region.toBucket } : null,
          },
    [stretch, region, isOwn],
  );

  function select(next: HeatBrush | null): void {
    if (next === null || (next.time === null && next.latency === null)) {
      onSelect({ ...selection, stretch: null, region: null });
      return;
    }
    // Lengths alone are those of all that is drawn.
    const time = next.time ?? clock;
    onSelect({
      ...selection,
      stretch: { fromMs: Math.round(time.fromMs), toMs: Math.round(time.toMs) },
      region:
        next.latency === null
          ? null
          : {
              hostId,
              name: heat.name,
              fromBucket: Math.max(0, next.latency.fromBucket),
              toBucket: Math.min(BUCKETS, next.latency.toBucket),
            },
    });
  }

  const { total } = heat;
  return (
    <div className="flex h-full min-w-0 flex-col px-2 pt-1 pb-1">
      <div ref={box} className="min-h-0 flex-1 overflow-hidden">
        {heightPx > 0 && (
          <LatencyHeatmap
            grid={heat.grid}
            lines={lines}
            scale={scaleName}
            brush={brush}
            cursorMs={cursor}
            theme={theme}
            ariaLabel={`${kind.title}: latency heatmap`}
            heightPx={heightPx}
            onSelect={select}
            onHover={setHovered}
            onCursor={setCursor}
          />
        )}
      </div>
      {/* What has no room in the line is left out whole: half a number is another number. */}
      <div className="flex h-5 flex-wrap items-center gap-x-3 overflow-hidden whitespace-nowrap pr-4 text-dull text-small">
        {hovered === null ? (
          <>
            <HeatLegend scale={scale} theme={theme} unit="in a cell" />
            <span title="Percentiles of all that is drawn, within a bucket: at most 19 %">
              {total.count === 0
                ? 'nothing counted'
                : `${formatCount(total.count)} · ${LINE_NAMES.map((name, at) => `${name} ${formatNs(total.ns[at]!)}`).join(' · ')}`}
            </span>
            <button
              type="button"
              className="underline"
              title="How colours stand for counts: by factors, or evenly"
              onClick={() => setScaleName(scaleName === 'log' ? 'linear' : 'log')}
            >
              {scaleName === 'log' ? 'log colours' : 'linear colours'}
            </button>
          </>
        ) : (
          <span>{hoveredWords(hovered)}</span>
        )}
      </div>
    </div>
  );
}

function hoveredWords({ brush: { time, latency }, count, isCollected }: HoveredHeat): ReactElement {
  return (
    <>
      {time !== null && `${toClock(time.fromMs)} – ${toClock(time.toMs)} · `}
      {latency !== null && `${formatNs(bucketFromNs(latency.fromBucket))} – ${lengthTo(latency.toBucket)} · `}
      <strong className="text-ink">{isCollected ? formatCount(count) : 'not collected'}</strong>
    </>
  );
}

function lengthTo(toBucket: number): string {
  const ns = bucketToNs(toBucket - 1);
  return Number.isFinite(ns) ? formatNs(ns) : 'any length';
}

function NothingCounted({ hostId, content: { heat } }: BodyProps<'heatmap'>): ReactElement {
  const { newest, detail } = heat.collection;
  if (newest === 'refused') return <PanelWords>This host cannot count it: {detail}</PanelWords>;
  return <NotCollected hostId={hostId} />;
}
