/** Owns the legend of a heatmap: one box a step of colour, with the counts that it stands for, and zero and a gap beside them. */
import type { ReactElement } from 'react';
import { formatCount } from './format.js';
import { coloursOf, type HeatScale } from './heat-scale.js';
import { heatZero, paletteOf, type Theme } from './palette.js';

export interface HeatLegendProps {
  scale: HeatScale;
  theme: Theme;
  /** What is counted in a cell: `waits`. */
  unit: string;
}

const BOX_PX = 14;

export function HeatLegend({ scale, theme, unit }: HeatLegendProps): ReactElement {
  const palette = paletteOf(theme);
  const steps = coloursOf(scale, theme).map((colour, step) => {
    const from = (scale.upTo[step - 1] ?? 0) + 1;
    const to = scale.upTo[step]!;
    return {
      colour,
      from,
      to,
      words: from === to ? formatCount(from) : `${formatCount(from)} to ${formatCount(to)}`,
    };
  });
  const box = { width: BOX_PX, height: BOX_PX - 2, flex: 'none' } as const;
  return (
    <ul
      aria-label={`Colours: ${unit} in a cell`}
      style={{
        ...{ display: 'flex', alignItems: 'center', margin: 0, padding: 0, listStyle: 'none' },
        ...{ fontSize: 12, lineHeight: '18px', color: palette.dullInk, fontVariantNumeric: 'tabular-nums' },
      }}
    >
      <li style={{ display: 'flex', alignItems: 'center', gap: 4, marginRight: 8 }}>
        <span style={{ ...box, background: hatched(palette.hatch), border: `1px solid ${palette.line}` }} />
        no data
      </li>
      <li style={{ display: 'flex', alignItems: 'center', gap: 4, marginRight: 8 }}>
        <span style={{ ...box, background: heatZero(theme), border: `1px solid ${palette.line}` }} />0
      </li>
      {steps.map(({ colour, from, to, words }, step) => (
        <li
          key={to}
          title={`${words} ${unit}`}
          aria-label={`${words} ${unit}`}
          style={{ display: 'flex', alignItems: 'center', gap: 4 }}
        >
          {step === 0 && <span>{formatCount(from)}</span>}
          <span style={{ ...box, background: colour }} />
          {step === steps.length - 1 && to > 1 && (
            <span style={{ whiteSpace: 'nowrap' }}>
              {formatCount(to)} {unit}
            </span>
          )}
          {step === steps.length - 1 && to === 1 && <span style={{ whiteSpace: 'nowrap' }}>{unit}</span>}
        </li>
      ))}
    </ul>
  );
}

function hatched(colour: string): string {
  return `repeating-linear-gradient(135deg, ${colour} 0 1px, transparent 1px 4px)`;
}
