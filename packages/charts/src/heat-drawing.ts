/// <reference path="./d3-subset.d.ts" />
/**
 * Owns how a latency heatmap is painted: cells by count, what was not collected hatched, percentile lines, axes. What was
 * collected and counted nothing has the colour of zero, so that it is told from a gap.
 */
import { edgeNs, type HeatGrid, isCollected } from '@stallscope/latency';
import { scaleLog } from 'd3';
import { FRAME_FONT_FAMILY } from './flame-drawing.js';
import { formatNs } from './format.js';
import { drawGap } from './gap-drawing.js';
import { type BucketRange, bucketPlace, type GridPlace, gapsIn, xOfMs, yOfBucket } from './heat-cells.js';
import { coloursOf, type HeatScale, stepOfCount } from './heat-scale.js';
import { heatZero, type Palette, type Theme } from './palette.js';
import { drawTimeAxis } from './time-axis.js';

/** One line over the cells: by column a length in ns, NaN where nothing was counted. */
export interface PercentileLine {
  /** `p99`. */
  name: string;
  ns: Float64Array;
}

export interface HeatPicture {
  grid: HeatGrid;
  scale: HeatScale;
  lines: readonly PercentileLine[];
  place: GridPlace;
  heightPx: number;
  palette: Palette;
  theme: Theme;
}

/** Room for a line of text and its neighbour. */
const LENGTH_TICK_EVERY_PX = 22;
/** Narrower cells have no room for a line between them. */
const CELL_GAP_FROM_PX = 6;
/** By line: how long it is drawn and left out, px. The last is whole. */
const DASHES: readonly (readonly number[])[] = [[1.5, 3], [6, 3], []];

export function drawHeatmap(context: CanvasRenderingContext2D, picture: HeatPicture): void {
  const { place, palette, theme, grid } = picture;
  context.clearRect(0, 0, place.leftPx + place.widthPx, picture.heightPx);
  context.font = `11px ${FRAME_FONT_FAMILY}`;
  context.textBaseline = 'alphabetic';
  context.fillStyle = heatZero(theme);
  for (let column = 0; column < grid.startMs.length; column++) {
    if (!isCollected(grid, column)) continue;
    const left = Math.floor(xOfMs(grid, place, grid.startMs[column]!));
    const right = Math.ceil(xOfMs(grid, place, grid.endMs[column]!));
    context.fillRect(left, 0, right - left, place.heightPx);
  }
  drawCells(context, picture);
  for (const { fromMs, toMs } of gapsIn(grid)) {
    const xPx = xOfMs(grid, place, fromMs);
    const widthPx = Math.max(1, xOfMs(grid, place, toMs) - xPx);
    drawGap(context, { xPx, widthPx, heightPx: place.heightPx }, palette);
  }
  for (const [index, line] of picture.lines.entries()) {
    drawLine(context, picture, line, DASHES[DASHES.length - picture.lines.length + index] ?? []);
  }
  const axis = { leftPx: place.leftPx, rightPx: place.leftPx + place.widthPx, topPx: place.heightPx };
  drawTimeAxis(context, { span: grid, ...axis }, palette);
  context.fillStyle = palette.line;
  context.fillRect(place.leftPx - 1, 0, 1, place.heightPx);
  drawLengths(context, picture);
}

/** One path a colour, so that thousands of cells are as many fills as colours. */
function drawCells(context: CanvasRenderingContext2D, { grid, scale, place, theme }: HeatPicture): void {
  const rows = grid.toBucket - grid.fromBucket;
  const boxes = scale.upTo.map((): number[] => []);
  for (let column = 0; column < grid.startMs.length; column++) {
    if (!isCollected(grid, column)) continue;
    const left = Math.round(xOfMs(grid, place, grid.startMs[column]!));
    const right = Math.max(left + 1, Math.round(xOfMs(grid, place, grid.endMs[column]!)));
    const gap = right - left >= CELL_GAP_FROM_PX ? 1 : 0;
    for (let row = 0; row < rows; row++) {
      const count = grid.counts[column * rows + row]!;
      if (count <= 0) continue;
      const foot = Math.round(yOfBucket(grid, place, grid.fromBucket + row));
      const top = Math.min(foot - 1, Math.round(yOfBucket(grid, place, grid.fromBucket + row + 1)));
      boxes[stepOfCount(scale, count)]!.push(left, top, right - left - gap, foot - top);
    }
  }
  for (const [step, colour] of coloursOf(scale, theme).entries()) {
    const rects = boxes[step]!;
    if (rects.length === 0) continue;
    context.beginPath();
    for (let at = 0; at < rects.length; at += 4) {
      context.rect(rects[at]!, rects[at + 1]!, rects[at + 2]!, rects[at + 3]!);
    }
    context.fillStyle = colour;
    context.fill();
  }
}

/** In steps: what it is within a column is not known. Edged with surface, as it lies over cells of any colour. */
function drawLine(
  context: CanvasRenderingContext2D,
  { grid, place, palette }: HeatPicture,
  { ns }: PercentileLine,
  dash: readonly number[],
): void {
  const path = (): void => {
    context.beginPath();
    let isDrawing = false;
    for (let column = 0; column < grid.startMs.length; column++) {
      const length = ns[column] ?? Number.NaN;
      if (Number.isNaN(length)) {
        isDrawing = false;
        continue;
      }
      const isApart = column > 0 && grid.startMs[column]! - grid.endMs[column - 1]! >= GAP_BREAK_MS;
      const y = Math.round(yOfBucket(grid, place, bucketPlace(length))) + 0.5;
      const left = xOfMs(grid, place, grid.startMs[column]!);
      const right = xOfMs(grid, place, grid.endMs[column]!);
      if (isDrawing && !isApart) context.lineTo(left, y);
      else context.moveTo(left, y);
      context.lineTo(right, y);
      isDrawing = true;
    }
    context.stroke();
  };
  context.save();
  context.lineJoin = 'round';
  context.strokeStyle = palette.surface;
  context.globalAlpha = 0.7;
  context.lineWidth = 3.5;
  path();
  context.globalAlpha = 1;
  context.strokeStyle = palette.ink;
  context.lineWidth = 1.25;
  context.setLineDash([...dash]);
  path();
  context.restore();
}

const GAP_BREAK_MS = 50;

function drawLengths(context: CanvasRenderingContext2D, picture: HeatPicture): void {
  const { grid, place, palette } = picture;
  for (const { ns, yPx } of lengthTicks(grid, place)) {
    context.fillStyle = palette.line;
    context.fillRect(place.leftPx - 5, yPx, 4, 1);
    const text = tickWords(ns);
    const textPx = context.measureText(text).width;
    context.fillStyle = palette.dullInk;
    context.fillText(text, place.leftPx - 8 - textPx, Math.min(place.heightPx, Math.max(10, yPx + 4)));
  }
}

/** 1, 10, 100 of a unit; where there is room for no more than some of them, every third: 1 µs, 1 ms, 1 s. */
export function lengthTicks(range: BucketRange, place: GridPlace): { ns: number; yPx: number }[] {
  const fromNs = edgeNs(Math.max(1, range.fromBucket));
  const toNs = edgeNs(range.toBucket);
  const decades = scaleLog()
    .domain([fromNs, toNs])
    .ticks(Math.max(1, Math.ceil(Math.log10(toNs / fromNs))))
    .filter(
      (ns) => Math.abs(Math.log10(ns) - Math.round(Math.log10(ns))) < 1e-9 && ns >= fromNs && ns <= toNs,
    );
  const decadePx = (place.heightPx / Math.max(1, range.toBucket - range.fromBucket)) * 4 * Math.log2(10);
  const every = decadePx >= LENGTH_TICK_EVERY_PX ? 1 : 3;
  return decades
    .filter((ns) => Math.round(Math.log10(ns)) % every === 0)
    .map((ns) => ({ ns, yPx: Math.round(yOfBucket(range, place, bucketPlace(ns))) }));
}

/** `100 µs`: whole, as ticks are; formatNs would write 1.00 ms. */
function tickWords(ns: number): string {
  return formatNs(ns).replace(/\.0+ /, ' ');
}
