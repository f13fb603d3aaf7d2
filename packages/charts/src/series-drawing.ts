/**
 * Owns how a chart of time series is painted: scale, lines or stacked areas, gaps, and over them what the reader points at
 * and has selected. The two are apart so that pointing repaints a line and not the chart.
 */
import { FRAME_FONT_FAMILY } from './flame-drawing.js';
import { drawGap } from './gap-drawing.js';
import type { Palette, Theme } from './palette.js';
import { seriesColour, seriesDash } from './series-colours.js';
import { runsOf, type Series, type SeriesReadings } from './series-shape.js';
import type { ValueAxis } from './series-units.js';
import { drawTimeAxis, TIME_AXIS_HEIGHT_PX } from './time-axis.js';
import { gapsOf, type TimeSpan, type TimeWindow } from './time-bars.js';

/** Of the words of the scale, left of what is drawn; the same in every chart, so that clocks of charts in a column agree. */
export const VALUE_AXIS_PX = 60;

export interface SeriesPicture {
  readings: SeriesReadings;
  windows: readonly TimeWindow[];
  series: readonly Series[];
  /** What is drawn of each: its values, or its upper edge in a stack. */
  edges: readonly Float64Array[];
  isStacked: boolean;
  axis: ValueAxis;
  span: TimeSpan;
  widthPx: number;
  heightPx: number;
  theme: Theme;
  palette: Palette;
  /** The series that the reader points at in the legend: the others step back. */
  emphasised: number | null;
  gapWords: ((gap: TimeSpan) => string) | undefined;
}

export interface SeriesPlace {
  leftPx: number;
  rightPx: number;
  /** Of the line of the clock; the top of the scale is at `topPx`. */
  topPx: number;
  bottomPx: number;
}

export function placeOfSeries(widthPx: number, heightPx: number): SeriesPlace {
  // Words of the uppermost tick need half a line above it.
  return {
    leftPx: Math.min(VALUE_AXIS_PX, widthPx / 2),
    rightPx: widthPx,
    topPx: 7,
    bottomPx: Math.max(8, heightPx - TIME_AXIS_HEIGHT_PX),
  };
}

export function xOfTime({ leftPx, rightPx }: SeriesPlace, span: TimeSpan, atMs: number): number {
  return leftPx + ((atMs - span.fromMs) / Math.max(1, span.toMs - span.fromMs)) * (rightPx - leftPx);
}

export function timeOfX({ leftPx, rightPx }: SeriesPlace, span: TimeSpan, xPx: number): number {
  const share = Math.min(1, Math.max(0, (xPx - leftPx) / Math.max(1, rightPx - leftPx)));
  return span.fromMs + share * (span.toMs - span.fromMs);
}

const STEPPED_BACK = 0.18;
const AREA_ALPHA = 0.72;

export function drawSeries(context: CanvasRenderingContext2D, picture: SeriesPicture): void {
  const { readings, series, edges, isStacked, axis, span, widthPx, heightPx, theme, palette } = picture;
  const place = placeOfSeries(widthPx, heightPx);
  const yOf = (value: number): number => place.bottomPx - (value / axis.top) * (place.bottomPx - place.topPx);
  context.clearRect(0, 0, widthPx, heightPx);
  context.font = `11px ${FRAME_FONT_FAMILY}`;
  context.textBaseline = 'alphabetic';
  drawValueAxis(context, picture, place, yOf);
  context.save();
  context.translate(place.leftPx, 0);
  for (const gap of gapsOf(picture.windows, span, place.rightPx - place.leftPx)) {
    const pxPerMs = (place.rightPx - place.leftPx) / Math.max(1, span.toMs - span.fromMs);
    const fromMs = span.fromMs + gap.xPx / pxPerMs;
    const word = picture.gapWords?.({ fromMs, toMs: fromMs + gap.widthPx / pxPerMs });
    drawGap(context, { ...gap, heightPx: place.bottomPx, word }, palette);
  }
  context.restore();
  context.save();
  context.beginPath();
  context.rect(place.leftPx, 0, place.rightPx - place.leftPx, place.bottomPx + 1);
  context.clip();
  context.lineJoin = 'round';
  const trace = (edge: Float64Array, [first, last]: readonly [number, number], isBack: boolean): void => {
    const x = (atMs: number): number => xOfTime(place, span, atMs);
    const steps: [number, number][] = [[x(readings.startMs[first]!), yOf(edge[first]!)]];
    for (let index = first; index <= last; index++)
      steps.push([x((readings.startMs[index]! + readings.endMs[index]!) / 2), yOf(edge[index]!)]);
    steps.push([x(readings.endMs[last]!), yOf(edge[last]!)]);
    if (isBack) steps.reverse();
    for (const [px, py] of steps) context.lineTo(px, py);
  };
  for (const [index, edge] of edges.entries()) {
    const colour = seriesColour(theme, index);
    const isBack = picture.emphasised !== null && picture.emphasised !== index;
    const runs = runsOf(readings, edge);
    if (isStacked) {
      const below = edges[index - 1];
      context.globalAlpha = isBack ? STEPPED_BACK : AREA_ALPHA;
      context.fillStyle = colour;
      for (const run of runs) {
        context.beginPath();
        trace(edge, run, false);
        if (below !== undefined) trace(below, run, true);
        else {
          context.lineTo(xOfTime(place, span, readings.endMs[run[1]]!), place.bottomPx);
          context.lineTo(xOfTime(place, span, readings.startMs[run[0]]!), place.bottomPx);
        }
        context.fill();
      }
    }
    context.globalAlpha = isBack ? STEPPED_BACK : 1;
    context.strokeStyle = isStacked ? palette.surface : colour;
    context.lineWidth = isStacked ? 0.75 : 1.5;
    context.setLineDash(isStacked || series.length === 1 ? [] : [...seriesDash(index)]);
    context.beginPath();
    for (const run of runs) {
      context.moveTo(xOfTime(place, span, readings.startMs[run[0]]!), yOf(edge[run[0]]!));
      trace(edge, run, false);
    }
    context.stroke();
  }
  context.setLineDash([]);
  context.restore();
  drawTimeAxis(
    context,
    { span, leftPx: place.leftPx, rightPx: place.rightPx, topPx: place.bottomPx },
    palette,
  );
}

function drawValueAxis(
  context: CanvasRenderingContext2D,
  { axis, palette }: SeriesPicture,
  place: SeriesPlace,
  yOf: (value: number) => number,
): void {
  for (const { value, text } of axis.ticks) {
    const y = Math.round(yOf(value));
    context.fillStyle = palette.line;
    if (value > 0) context.fillRect(place.leftPx, y, place.rightPx - place.leftPx, 1);
    context.fillStyle = palette.dullInk;
    const textPx = context.measureText(text).width;
    context.fillText(text, Math.max(0, place.leftPx - 6 - textPx), y + 4);
  }
}

export interface PointedPicture {
  span: TimeSpan;
  widthPx: number;
  heightPx: number;
  palette: Palette;
  theme: Theme;
  axis: ValueAxis;
  selection: TimeSpan | null;
  cursorMs: number | null;
  /** Heights of what is drawn at the cursor, by series; empty where nothing was read. */
  atCursor: readonly number[];
}

/** What the reader points at and has selected: a canvas of its own over the chart. */
export function drawPointed(context: CanvasRenderingContext2D, picture: PointedPicture): void {
  const { span, widthPx, heightPx, palette, theme, axis, selection, cursorMs, atCursor } = picture;
  const place = placeOfSeries(widthPx, heightPx);
  const { leftPx, rightPx, bottomPx } = place;
  context.clearRect(0, 0, widthPx, heightPx);
  if (selection !== null && selection.fromMs < span.toMs && selection.toMs > span.fromMs) {
    const from = Math.max(leftPx, xOfTime(place, span, selection.fromMs));
    const to = Math.min(rightPx, Math.max(from + 1, xOfTime(place, span, selection.toMs)));
    context.globalAlpha = 0.6;
    context.fillStyle = palette.surface;
    context.fillRect(leftPx, 0, from - leftPx, bottomPx);
    context.fillRect(to, 0, rightPx - to, bottomPx);
    context.globalAlpha = 1;
    context.fillStyle = palette.ring;
    context.fillRect(from, 0, 1, bottomPx);
    context.fillRect(to - 1, 0, 1, bottomPx);
    context.fillRect(from, 0, to - from, 2);
  }
  if (cursorMs === null || cursorMs < span.fromMs || cursorMs > span.toMs) return;
  const x = xOfTime(place, span, cursorMs);
  context.fillStyle = palette.dullInk;
  context.fillRect(Math.round(x), 0, 1, bottomPx);
  for (const [index, value] of atCursor.entries()) {
    if (Number.isNaN(value)) continue;
    const y = bottomPx - (value / axis.top) * (bottomPx - place.topPx);
    context.beginPath();
    context.arc(Math.round(x) + 0.5, y, 3.5, 0, 2 * Math.PI);
    context.fillStyle = seriesColour(theme, index);
    context.fill();
    context.strokeStyle = palette.surface;
    context.lineWidth = 1.5;
    context.stroke();
  }
}
