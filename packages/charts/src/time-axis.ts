/// <reference path="./d3-subset.d.ts" />
/** Owns the axis of the clock under charts: ticks at round times of the reader's zone, each with room for its words. */
import { scaleTime } from 'd3';
import type { Palette } from './palette.js';
import type { TimeSpan } from './time-bars.js';

/** Of the axis, with its words. */
export const TIME_AXIS_HEIGHT_PX = 16;

/** Room for a time such as 08:41:30 and its neighbour. */
export const TIME_TICK_EVERY_PX = 90;

const MINUTE_MS = 60_000;

export interface TimeAxis {
  span: TimeSpan;
  /** Where the span begins and ends. */
  leftPx?: number;
  rightPx: number;
  /** Of the line; words are below it. */
  topPx: number;
}

/** The font is the caller's. */
export function drawTimeAxis(
  context: CanvasRenderingContext2D,
  { span, leftPx = 0, rightPx, topPx }: TimeAxis,
  palette: Palette,
): void {
  const widthPx = rightPx - leftPx;
  context.fillStyle = palette.line;
  context.fillRect(leftPx, topPx, widthPx, 1);
  const time = scaleTime().domain([span.fromMs, span.toMs]).range([leftPx, rightPx]);
  const wanted = time.ticks(Math.max(1, Math.floor(widthPx / TIME_TICK_EVERY_PX)));
  // Steps of time are 1, 5, 15 …: where the nearest is too fine for its words, each second or third is left.
  const every = Math.ceil((TIME_TICK_EVERY_PX * wanted.length) / Math.max(1, widthPx + TIME_TICK_EVERY_PX));
  const ticks = wanted.filter((_, index) => index % every === 0);
  const isBySecond = wanted.length > 1 && wanted[1]!.getTime() - wanted[0]!.getTime() < MINUTE_MS;
  for (const tick of ticks) {
    const x = Math.round(time(tick));
    const text = timeOfDay(tick.getTime(), isBySecond);
    context.fillStyle = palette.line;
    context.fillRect(x, topPx, 1, 4);
    const textPx = context.measureText(text).width;
    // A label cut by the edge says a wrong time.
    if (x - textPx / 2 < leftPx || x + textPx / 2 > rightPx) continue;
    context.fillStyle = palette.dullInk;
    context.fillText(text, x - textPx / 2, topPx + TIME_AXIS_HEIGHT_PX - 3);
  }
}

/** In the reader's zone, 24 hours, as every tick of the page. */
export function timeOfDay(atMs: number, withSeconds: boolean): string {
  return (withSeconds ? BY_SECOND : BY_MINUTE).format(atMs);
}
const BY_MINUTE = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const BY_SECOND = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
