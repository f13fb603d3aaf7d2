/// <reference path="./d3-subset.d.ts" />
/**
 * Owns which colour a count in a heatmap has: steps from the least to the most in any cell, linear or by factors, each
 * with the counts that it stands for. Zero has a colour of its own, below all steps.
 *
 *     log, most 1,000:      1–2   3–6   7–17   18–50   51–141 …        linear: 1–125   126–250 …
 *
 * Invariant: the scale's end is a round number, so that colours stand still while the most of a live picture wavers.
 */
import { scaleLinear } from 'd3';
import { HEAT_STEPS, heatRamp, type Theme } from './palette.js';

export const HEAT_SCALES = ['log', 'linear'] as const;
export type HeatScaleName = (typeof HEAT_SCALES)[number];

export interface HeatScale {
  name: HeatScaleName;
  /** The largest count of each step, ascending; the last is the round number at or above the most. */
  upTo: readonly number[];
}

/** @param most in any cell; 0 where nothing was counted */
export function toHeatScale(most: number, name: HeatScaleName): HeatScale {
  const end = roundUp(most);
  const steps = Math.min(HEAT_STEPS, Math.max(1, end));
  const upTo = Array.from({ length: steps }, (_, step) => {
    const share = (step + 1) / steps;
    return Math.floor(name === 'linear' ? end * share : end ** share + 1e-9);
  });
  // By factors the first steps of few counts would be of the same count.
  const distinct = upTo.filter((count, step) => count > (upTo[step - 1] ?? 0));
  return { name, upTo: distinct };
}

/** The step of a count of at least 1. */
export function stepOfCount({ upTo }: HeatScale, count: number): number {
  let step = 0;
  while (step < upTo.length - 1 && count > upTo[step]!) step++;
  return step;
}

/** By step. However few there are, the last is the strongest colour. */
export function coloursOf({ upTo }: HeatScale, theme: Theme): string[] {
  const ramp = heatRamp(theme);
  const last = HEAT_STEPS - 1;
  return upTo.map((_, step) =>
    upTo.length === 1 ? ramp[last]! : ramp[Math.round((step / (upTo.length - 1)) * last)]!,
  );
}

function roundUp(most: number): number {
  if (most <= 1) return 1;
  if (most <= HEAT_STEPS) return Math.ceil(most);
  return scaleLinear().domain([0, most]).nice().domain()[1]!;
}
