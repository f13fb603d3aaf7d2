/** Owns the examples of latency heatmaps in the gallery: a stall, gaps, many columns, next to nothing. */
import { type ReactElement, useMemo, useState } from 'react';
import { type HeatBrush, mostIn } from './heat-cells.js';
import { heatFixture } from './heat-fixture.js';
import { HeatLegend } from './heat-legend.js';
import { type HeatScaleName, toHeatScale } from './heat-scale.js';
import { type HoveredHeat, LatencyHeatmap } from './latency-heatmap.js';
import { paletteOf, type Theme } from './palette.js';

/** By name of the example: a quarter of an hour, and a host that does next to nothing. */
const HEAT_EXAMPLES = [
  { name: 'latencies, a disk that stalls, a gap, windows that did not count', seconds: 300 },
  { name: 'latencies, a quarter of an hour', seconds: 900 },
  { name: 'latencies, next to none', seconds: 20 },
] as const;

export function HeatExamples({ theme }: { theme: Theme }): ReactElement {
  return (
    <>
      {HEAT_EXAMPLES.map(({ name, seconds }) => (
        <OneHeatExample key={name} theme={theme} name={name} seconds={seconds} />
      ))}
    </>
  );
}

function OneHeatExample({
  theme,
  name,
  seconds,
}: {
  theme: Theme;
  name: string;
  seconds: number;
}): ReactElement {
  const { grid, lines } = useMemo(() => heatFixture(seconds), [seconds]);
  const [scale, setScale] = useState<HeatScaleName>('log');
  const [brush, setBrush] = useState<HeatBrush | null>(null);
  const [hovered, setHovered] = useState<HoveredHeat | null>(null);
  const palette = paletteOf(theme);
  return (
    <div style={{ marginTop: 20 }}>
      <h2 style={{ fontSize: 14, margin: '0 0 6px' }}>{name}</h2>
      <div style={{ display: 'flex', gap: 16 }}>
        <HeatLegend scale={toHeatScale(mostIn(grid), scale)} theme={theme} unit="requests" />
        <button type="button" onClick={() => setScale(scale === 'log' ? 'linear' : 'log')}>
          {scale}
        </button>
      </div>
      <LatencyHeatmap
        grid={grid}
        lines={lines}
        scale={scale}
        brush={brush}
        base={seconds === 900 ? { time: null, latency: { fromBucket: 80, toBucket: 90 } } : null}
        theme={theme}
        ariaLabel={`${name}, ${theme}`}
        onSelect={setBrush}
        onHover={setHovered}
      />
      <p style={{ margin: '4px 0 0', minHeight: 20, color: palette.dullInk }}>
        {hovered === null
          ? 'Point at a cell.'
          : hovered.isCollected
            ? `${hovered.count} counted`
            : 'nothing is known'}
      </p>
    </div>
  );
}
