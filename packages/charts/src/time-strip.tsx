/// <reference path="./d3-subset.d.ts" />
/**
 * Owns the strip of time above the panels: blocked time of each window as a bar, time without a window as a hatched gap,
 * and the span that the reader selected, by drag or by key. The selection is the caller's; only a drag under way is kept here.
 */
import type { ValueUnit } from '@stallscope/profile';
import { scaleLinear } from 'd3';
import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactElement,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { brushStyle } from './brush-style.js';
import { contextOf } from './canvas-context.js';
import { useCanvasSize } from './canvas-size.js';
import { FRAME_FONT_FAMILY } from './flame-drawing.js';
import type { PagePoint } from './flame-screen.js';
import { formatNs, formatTimeRate, formatValue } from './format.js';
import { drawGap } from './gap-drawing.js';
import { type Palette, paletteOf, type Theme } from './palette.js';
import { drawTimeAxis, TIME_AXIS_HEIGHT_PX, TIME_TICK_EVERY_PX, timeOfDay } from './time-axis.js';
import {
  barsOf,
  gapsOf,
  movedEdge,
  scaleTop,
  type TimeSpan,
  type TimeStripWindow,
  wholeWindows,
  windowAt,
} from './time-bars.js';

export interface TimeStripProps {
  /** Ascending, not overlapping. */
  windows: readonly TimeStripWindow[];
  /** What the strip spans, Unix ms. */
  span: TimeSpan;
  /** null: nothing is selected, all of the span (or what the caller takes as such) counts. */
  selection: TimeSpan | null;
  theme: Theme;
  ariaLabel: string;
  /** A finished drag or key press, widened to whole windows; null for a click without a drag, or Escape. */
  onSelect?: ((selection: TimeSpan | null) => void) | undefined;
  /** The window under the pointer; null in a gap and when the strip is left. */
  onHover?: ((window: TimeStripWindow | null, point: PagePoint) => void) | undefined;
  /** Default 56. */
  heightPx?: number | undefined;
  /** Times are told as so long since this, ms; absent: as times of day. */
  sinceMs?: number | undefined;
  /** What the windows hold; default time. */
  unit?: ValueUnit | undefined;
}

const HEIGHT_PX = 56;
const AXIS_HEIGHT_PX = TIME_AXIS_HEIGHT_PX;
/** Shorter drags are clicks. */
const DRAG_FROM_PX = 4;
/** Step of a key where no window says how long one is. */
const DEFAULT_WINDOW_MS = 1000;
const WINDOWS_A_PAGE = 10;
const HANDLE_WIDTH_PX = 9;
const CUT_MARK_HEIGHT_PX = 5;

export function TimeStrip(props: TimeStripProps): ReactElement {
  const { windows, span, selection, theme, heightPx = HEIGHT_PX, sinceMs, unit = 'nanoseconds' } = props;
  const palette = paletteOf(theme);
  const track = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { widthPx, pixelRatio } = useCanvasSize(track);
  const [drag, setDrag] = useState<Drag | undefined>(undefined);
  const bars = useMemo(() => barsOf(windows, span, widthPx), [windows, span, widthPx]);
  const gaps = useMemo(() => gapsOf(windows, span, widthPx), [windows, span, widthPx]);
  const shown = drag?.isMoved === true ? drag.selection : selection;

  const spanMs = Math.max(1, span.toMs - span.fromMs);
  const xOf = (atMs: number) => Math.min(widthPx, Math.max(0, ((atMs - span.fromMs) / spanMs) * widthPx));
  const msAt = (clientX: number) => {
    const left = track.current?.getBoundingClientRect().left ?? 0;
    const share = Math.min(1, Math.max(0, (clientX - left) / Math.max(1, widthPx)));
    return span.fromMs + share * spanMs;
  };

  useLayoutEffect(() => {
    const element = canvas.current;
    const context = contextOf(element);
    if (element === null || context === null) return;
    const width = Math.max(1, Math.round(widthPx * pixelRatio));
    const height = Math.max(1, Math.round(heightPx * pixelRatio));
    // Setting a size clears and reallocates, even to the same value.
    if (element.width !== width) element.width = width;
    if (element.height !== height) element.height = height;
    context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
    drawStrip(context, { bars, gaps, span, widthPx, heightPx, palette, selection: shown, sinceMs, unit });
  }, [bars, gaps, span, widthPx, heightPx, pixelRatio, palette, shown, sinceMs, unit]);

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const atMs = msAt(event.clientX);
    const edge = (event.target as HTMLElement).dataset.edge;
    // An edge is dragged away from the other one, which stays.
    const anchorMs =
      shown === null ? atMs : edge === 'from' ? shown.toMs : edge === 'to' ? shown.fromMs : atMs;
    setDrag({
      anchorMs,
      startX: event.clientX,
      isOnEdge: edge !== undefined,
      isMoved: false,
      selection: { fromMs: anchorMs, toMs: atMs },
    });
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const atMs = msAt(event.clientX);
    props.onHover?.(windowAt(windows, atMs) ?? null, { xPx: event.clientX, yPx: event.clientY });
    if (drag === undefined) return;
    const isMoved = drag.isMoved || Math.abs(event.clientX - drag.startX) >= DRAG_FROM_PX;
    setDrag({ ...drag, isMoved, selection: wholeWindows(windows, { fromMs: drag.anchorMs, toMs: atMs }) });
  };
  const onPointerUp = () => {
    if (drag === undefined) return;
    setDrag(undefined);
    if (drag.isMoved) props.onSelect?.(drag.selection);
    else if (selection !== null && !drag.isOnEdge) props.onSelect?.(null);
  };

  const onKeyDown = (edge: 'from' | 'to') => (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = keySteps(event);
    const from = selection ?? span;
    const edgeMs = edge === 'from' ? from.fromMs : from.toMs;
    if (steps !== undefined) {
      // The window that the edge is about to cross says how long a step is.
      const crossed = windowAt(windows, steps > 0 ? edgeMs : edgeMs - 1);
      const stepMs = crossed === undefined ? DEFAULT_WINDOW_MS : crossed.endMs - crossed.startMs;
      props.onSelect?.(movedEdge(from, edge, steps * stepMs, span, stepMs));
    } else if (event.key === 'Escape' && selection !== null) props.onSelect?.(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const edges = shown ?? span;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a border and a legend that this strip has no room for.
    <div
      ref={track}
      role="group"
      aria-label={props.ariaLabel}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={() => setDrag(undefined)}
      onPointerLeave={(event) => props.onHover?.(null, { xPx: event.clientX, yPx: event.clientY })}
      style={brushStyle(heightPx)}
    >
      <div aria-hidden="true">
        <canvas ref={canvas} style={{ position: 'absolute', width: widthPx, height: heightPx }} />
      </div>
      {shown !== null && (
        <div
          style={{
            position: 'absolute',
            pointerEvents: 'none',
            top: 0,
            height: heightPx - AXIS_HEIGHT_PX,
            left: xOf(shown.fromMs),
            width: Math.max(1, xOf(shown.toMs) - xOf(shown.fromMs)),
            boxSizing: 'border-box',
            borderInline: `1px solid ${palette.ring}`,
            borderTop: `2px solid ${palette.ring}`,
          }}
        />
      )}
      {(['from', 'to'] as const).map((edge) => {
        const atMs = edge === 'from' ? edges.fromMs : edges.toMs;
        return (
          <div
            key={edge}
            data-edge={edge}
            role="slider"
            tabIndex={0}
            aria-label={edge === 'from' ? 'Start of the selected time' : 'End of the selected time'}
            aria-orientation="horizontal"
            aria-valuemin={Math.round(span.fromMs)}
            aria-valuemax={Math.round(span.toMs)}
            aria-valuenow={Math.round(atMs)}
            aria-valuetext={sinceMs === undefined ? timeOfDay(atMs, true) : formatNs((atMs - sinceMs) * 1e6)}
            onKeyDown={onKeyDown(edge)}
            style={{
              position: 'absolute',
              top: 0,
              height: heightPx - AXIS_HEIGHT_PX,
              width: HANDLE_WIDTH_PX,
              left: Math.min(widthPx - HANDLE_WIDTH_PX, Math.max(0, xOf(atMs) - HANDLE_WIDTH_PX / 2)),
              cursor: shown === null ? 'crosshair' : 'ew-resize',
              outlineColor: palette.ring,
              outlineOffset: -2,
            }}
          />
        );
      })}
    </div>
  );
}

interface Drag {
  anchorMs: number;
  startX: number;
  isOnEdge: boolean;
  isMoved: boolean;
  selection: TimeSpan;
}

interface StripPicture {
  bars: ReturnType<typeof barsOf>;
  gaps: ReturnType<typeof gapsOf>;
  span: TimeSpan;
  widthPx: number;
  heightPx: number;
  palette: Palette;
  selection: TimeSpan | null;
  sinceMs: number | undefined;
  unit: ValueUnit;
}

function drawStrip(context: CanvasRenderingContext2D, picture: StripPicture): void {
  const { bars, gaps, span, widthPx, heightPx, palette, selection, sinceMs, unit } = picture;
  const barsHeightPx = heightPx - AXIS_HEIGHT_PX;
  context.clearRect(0, 0, widthPx, heightPx);

  context.font = `11px ${FRAME_FONT_FAMILY}`;
  context.textBaseline = 'alphabetic';
  for (const { xPx, widthPx } of gaps) drawGap(context, { xPx, widthPx, heightPx: barsHeightPx }, palette);

  const most = bars.reduce((highest, bar) => Math.max(highest, bar.nsPerSecond), 0);
  const top = scaleTop(bars);
  // Nice bounds keep the scale still while the peak wavers.
  const height = scaleLinear()
    .domain([0, top || 1])
    .nice()
    .range([0, barsHeightPx - 2])
    .clamp(true);
  const topNs = height.domain()[1]!;
  const pxPerMs = widthPx / Math.max(1, span.toMs - span.fromMs);
  for (const bar of bars) {
    const middleMs = span.fromMs + (bar.xPx + bar.widthPx / 2) / pxPerMs;
    const isChosen = selection === null || (middleMs >= selection.fromMs && middleMs < selection.toMs);
    const barPx = bar.nsPerSecond > 0 ? Math.max(1, height(bar.nsPerSecond)) : 0;
    context.fillStyle = isChosen ? palette.bar : palette.barQuiet;
    const gapPx = bar.widthPx >= 4 ? 1 : 0;
    context.fillRect(bar.xPx, barsHeightPx - barPx, bar.widthPx - gapPx, barPx);
  }
  const cut = bars.filter(({ nsPerSecond }) => nsPerSecond > topNs);
  for (const bar of cut) drawCutMark(context, bar.xPx + bar.widthPx / 2, palette);

  if (sinceMs === undefined) drawTimeAxis(context, { span, rightPx: widthPx, topPx: barsHeightPx }, palette);
  else drawTimesSince(context, picture, sinceMs);
  drawMost();

  function drawMost(): void {
    const rate = (value: number): string =>
      unit === 'nanoseconds' ? formatTimeRate(value) : `${formatValue(value, unit).trim()}/s`;
    if (cut.length > 0) drawPeak(context, `up to ${rate(topNs)}; ▲ beyond, peak ${rate(most)}`, palette);
    else if (most > 0) drawPeak(context, `peak ${rate(most)}`, palette);
  }
}

/** The axis of a strip that is told from its beginning. */
function drawTimesSince(
  context: CanvasRenderingContext2D,
  { span, widthPx, heightPx, palette }: StripPicture,
  sinceMs: number,
): void {
  context.fillStyle = palette.line;
  context.fillRect(0, heightPx - AXIS_HEIGHT_PX, widthPx, 1);
  const time = scaleLinear()
    .domain([span.fromMs - sinceMs, span.toMs - sinceMs])
    .range([0, widthPx]);
  for (const tick of time.ticks(Math.max(1, Math.floor(widthPx / TIME_TICK_EVERY_PX)))) {
    const x = Math.round(time(tick));
    const text = tick === 0 ? '0' : formatNs(tick * 1e6);
    context.fillStyle = palette.line;
    context.fillRect(x, heightPx - AXIS_HEIGHT_PX, 1, 4);
    const textPx = context.measureText(text).width;
    if (x - textPx / 2 < 0 || x + textPx / 2 > widthPx) continue;
    context.fillStyle = palette.dullInk;
    context.fillText(text, x - textPx / 2, heightPx - 3);
  }
}

/** An arrow on the top edge: this bar goes on beyond it. Edged with surface, as it may be wider than its bar. */
function drawCutMark(context: CanvasRenderingContext2D, xPx: number, palette: Palette): void {
  context.beginPath();
  context.moveTo(xPx - CUT_MARK_HEIGHT_PX, CUT_MARK_HEIGHT_PX + 1);
  context.lineTo(xPx, 0);
  context.lineTo(xPx + CUT_MARK_HEIGHT_PX, CUT_MARK_HEIGHT_PX + 1);
  context.closePath();
  context.strokeStyle = palette.surface;
  context.lineWidth = 2;
  context.stroke();
  context.fillStyle = palette.dullInk;
  context.fill();
}

/** Of the line with the scale, which nothing else is written on. */
const PEAK_HEIGHT_PX = 15;

/** Written on a patch of surface: it lies over the bars. */
function drawPeak(context: CanvasRenderingContext2D, text: string, palette: Palette): void {
  const textPx = context.measureText(text).width;
  context.globalAlpha = 0.85;
  context.fillStyle = palette.surface;
  context.fillRect(0, 0, textPx + 8, PEAK_HEIGHT_PX);
  context.globalAlpha = 1;
  context.fillStyle = palette.dullInk;
  context.fillText(text, 4, 11);
}

/** Windows that a key moves an edge by; to the end of the strip is endlessly many. */
function keySteps(event: KeyboardEvent): number | undefined {
  switch (event.key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return event.shiftKey ? -WINDOWS_A_PAGE : -1;
    case 'ArrowRight':
    case 'ArrowUp':
      return event.shiftKey ? WINDOWS_A_PAGE : 1;
    case 'PageDown':
      return -WINDOWS_A_PAGE;
    case 'PageUp':
      return WINDOWS_A_PAGE;
    case 'Home':
      return Number.NEGATIVE_INFINITY;
    case 'End':
      return Number.POSITIVE_INFINITY;
    default:
      return undefined;
  }
}
