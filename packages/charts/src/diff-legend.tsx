/** Owns what the colours of a difference mean, in numbers: a swatch for each step between what shrank and what grew. */
import type { ReactElement } from 'react';
import { DIFF_BOUNDS } from './flame-diff.js';
import { formatPercent } from './format.js';
import { DIFF_STEPS, diffSlot, paletteOf, type Theme } from './palette.js';

export interface DiffLegendProps {
  theme: Theme;
  /** What was measured before: `the base`, `10:41:03 – 10:41:33`. */
  baseWords: string;
}

const STEPS = Array.from({ length: 2 * DIFF_STEPS + 1 }, (_, index) => index - DIFF_STEPS);

export function DiffLegend({ theme, baseWords }: DiffLegendProps): ReactElement {
  const palette = paletteOf(theme);
  return (
    <div
      style={{
        display: 'flex',
        flexWrap: 'wrap',
        alignItems: 'center',
        gap: '4px 12px',
        fontSize: 12,
        lineHeight: '18px',
        color: palette.ink,
      }}
    >
      <span>▼ less than in {baseWords}</span>
      <ul style={{ display: 'flex', flexWrap: 'wrap', margin: 0, padding: 0, listStyle: 'none' }}>
        {STEPS.map((step) => (
          <li
            key={step}
            style={{
              background: palette.fills[diffSlot(step)]!,
              padding: '0 7px',
              whiteSpace: 'nowrap',
              fontVariantNumeric: 'tabular-nums',
            }}
          >
            {stepWords(step)}
          </li>
        ))}
      </ul>
      <span>▲ more</span>
      <span style={{ color: palette.dullInk }}>shares of the larger total</span>
    </div>
  );
}

/** `−20 %`, `−5 %` … `± < 0.1 %` … `+20 %`: what a step begins at. */
function stepWords(step: number): string {
  if (step === 0) return `< ${bound(0)}`;
  return `${step < 0 ? '−' : '+'}${bound(Math.abs(step) - 1)}`;
}

function bound(index: number): string {
  return formatPercent(DIFF_BOUNDS[index]!).replace('.0 %', ' %');
}
