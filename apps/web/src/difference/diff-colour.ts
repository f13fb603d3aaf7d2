/** Owns giving other parts of the page the colours that a difference has in the graph. */
import { diffSlot, paletteOf, type Theme } from '@stallscope/charts';
import type { CSSProperties } from 'react';

/** A swatch of one step, as `diffStepOf` gives it. */
export function stepStyle(theme: Theme, step: number): CSSProperties {
  return { background: paletteOf(theme).fills[diffSlot(step)]! };
}
