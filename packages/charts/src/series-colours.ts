/// <reference path="./d3-subset.d.ts" />
/**
 * Owns the colours and the dashes by which the series of one chart are told apart. A series keeps its place in the list, and
 * so its colour; dashes repeat out of step with colours, so that lines are never told apart by colour alone.
 */
import { hcl } from 'd3';
import type { Theme } from './palette.js';

/** As many as are told apart beside each other; more series than these are the caller's to sum or leave out. */
export const SERIES_COLOURS = 12;

/** Neighbours in the list are far apart on the circle: they are neighbours in a stack too. */
const HUES = [262, 48, 152, 330, 92, 208, 300, 20, 128, 240, 70, 180] as const;
const SHADE: Readonly<Record<Theme, { chroma: number; luminances: readonly number[] }>> = {
  light: { chroma: 52, luminances: [50, 56] },
  dark: { chroma: 50, luminances: [66, 74] },
};

const COLOURS: Readonly<Record<Theme, readonly string[]>> = {
  light: coloursOf('light'),
  dark: coloursOf('dark'),
};

export function seriesColour(theme: Theme, index: number): string {
  return COLOURS[theme][index % SERIES_COLOURS]!;
}

/** Lengths of lines and of what is between them, px; none is a whole line. */
const DASHES: readonly (readonly number[])[] = [[], [7, 3], [2, 2.5], [10, 3, 2, 3], []];

export function seriesDash(index: number): readonly number[] {
  return DASHES[index % DASHES.length]!;
}

function coloursOf(theme: Theme): readonly string[] {
  const { chroma, luminances } = SHADE[theme];
  return HUES.map((hue, index) => hcl(hue, chroma, luminances[index % luminances.length]!).formatHex());
}
