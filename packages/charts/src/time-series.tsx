/**
 * Owns the chart of vitals over time: lines or stacked areas with their scale, a legend that reads them at one instant, and
 * a stretch of the clock selected by drag or by key. The instant and the stretch are the caller's, so that all charts of a
 * page share them; only a drag under way is kept here.
 *
 *     100 % ┤      ▂▅▇▇▇▅▂            12:03:04   ▇ user 71.2 %   ▇ system 12.0 %
 *         0 ┤▁▁▁▂▃▅▇▇▇▇▇▇▇▆▅▃
 *            12:02      12:03
 */
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
import { LEGEND_STYLE } from './legend-style.js';
import { type Palette, paletteOf, type Theme } from './palette.js';
import { seriesColour, seriesDash } from './series-colours.js';
import { drawPointed, drawSeries, placeOfSeries, timeOfX } from './series-drawing.js';
import {
  mostOf,
  readingAt,
  type Series,
  type SeriesReadings,
  stackOf,
  steppedReading,
  toTimeWindows,
} from './series-shape.js';
import { formatExactReading, formatReading, type SeriesUnit, valueAxis } from './series-units.js';
import { timeOfDay } from './time-axis.js';
import { type TimeSpan, wholeWindows } from './time-bars.js';

export interface TimeSeriesProps {
  readings: SeriesReadings;
  /** At most SERIES_COLOURS of them; in a stack the first lies lowest. */
  series: readonly Series[];
  isStacked: boolean;
  unit: SeriesUnit;
  /** Where the scale ends at the least: 1 of shares of a whole. Absent: at a round number above all that is drawn. */
  atLeast?: number | undefined;
  /** What is drawn of the clock, Unix ms. */
  span: TimeSpan;
  selection: TimeSpan | null;
  /** The instant that is read, in this chart or another; null reads the newest. */
  cursorMs: number | null;
  theme: Theme;
  ariaLabel: string;
  /** Names a gap where there is room; default `no data`. */
  gapWords?: ((gap: TimeSpan) => string) | undefined;
  /** At the end of the legend: what is not drawn. */
  note?: string | undefined;
  onCursor?: ((atMs: number | null) => void) | undefined;
  /** A finished drag or key press, widened to whole readings; null for a click without a drag, or Escape. */
  onSelect?: ((selection: TimeSpan | null) => void) | undefined;
}

/** Shorter drags are clicks. */
const DRAG_FROM_PX = 4;
const READINGS_A_PAGE = 10;
/** Room for the words of one tick of values and its neighbour. */
const VALUE_TICK_EVERY_PX = 34;
/** Least height of the chart itself, under which its legend gives way. */
const LEAST_CHART_PX = 56;
/** Lines of the legend before it scrolls. */
const LEGEND_LINES = 3;
const LEGEND_LINE_PX = 18;
const HELP =
  'Left and right arrows read the next instant, with Shift they select, Page Up and Page Down go ten readings, Escape removes the selection.';

interface Drag {
  anchorMs: number;
  startX: number;
  isMoved: boolean;
  selection: TimeSpan;
}

/** Fills its parent, which has a height. */
export function TimeSeries(props: TimeSeriesProps): ReactElement {
  const { readings, series, isStacked, unit, atLeast, span, selection, cursorMs, theme, gapWords } = props;
  const palette = paletteOf(theme);
  const track = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const { widthPx, heightPx, pixelRatio } = useCanvasSize(track);
  const [drag, setDrag] = useState<Drag | undefined>(undefined);
  const [emphasised, setEmphasised] = useState<number | null>(null);
  /** Where a selection by key began, Unix ms. */
  const anchorMs = useRef<number | null>(null);
  const windows = useMemo(() => toTimeWindows(readings), [readings]);
  const edges = useMemo(
    () => (isStacked ? stackOf(series) : series.map(({ values }) => values)),
    [series, isStacked],
  );
  const axis = useMemo(() => {
    const steps = Math.min(5, Math.max(1, Math.floor(heightPx / VALUE_TICK_EVERY_PX)));
    return valueAxis(mostOf(readings, edges, span), unit, steps, atLeast);
  }, [readings, edges, span, unit, atLeast, heightPx]);
  const place = placeOfSeries(widthPx, heightPx);
  const pointed = cursorMs === null ? readings.endMs.length - 1 : readingAt(readings, cursorMs);
  const shown = drag?.isMoved === true ? drag.selection : selection;

  useLayoutEffect(() => {
    const context = contextOf(canvas.current);
    if (canvas.current === null || context === null || widthPx === 0) return;
    fit(canvas.current, context, widthPx, heightPx, pixelRatio);
    drawSeries(context, {
      ...{ readings, windows, series, edges, isStacked, axis, span, widthPx, heightPx },
      ...{ theme, palette, emphasised, gapWords },
    });
  }, [
    readings,
    windows,
    series,
    edges,
    isStacked,
    axis,
    span,
    widthPx,
    heightPx,
    pixelRatio,
    theme,
    palette,
    emphasised,
    gapWords,
  ]);

  useLayoutEffect(() => {
    const context = contextOf(overlay.current);
    if (overlay.current === null || context === null || widthPx === 0) return;
    fit(overlay.current, context, widthPx, heightPx, pixelRatio);
    const atCursor = cursorMs === null || pointed < 0 ? [] : edges.map((edge) => edge[pointed]!);
    drawPointed(context, {
      ...{ span, widthPx, heightPx, palette, theme, axis, cursorMs, atCursor },
      selection: shown,
    });
  }, [span, widthPx, heightPx, pixelRatio, palette, theme, axis, shown, cursorMs, pointed, edges]);

  const msAt = (clientX: number): number =>
    timeOfX(place, span, clientX - (track.current?.getBoundingClientRect().left ?? 0));
  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0 || props.onSelect === undefined) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const atMs = msAt(event.clientX);
    setDrag({
      anchorMs: atMs,
      startX: event.clientX,
      isMoved: false,
      selection: { fromMs: atMs, toMs: atMs },
    });
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    const atMs = msAt(event.clientX);
    props.onCursor?.(atMs);
    if (drag === undefined) return;
    const isMoved = drag.isMoved || Math.abs(event.clientX - drag.startX) >= DRAG_FROM_PX;
    setDrag({ ...drag, isMoved, selection: wholeWindows(windows, { fromMs: drag.anchorMs, toMs: atMs }) });
  };
  const onPointerUp = (): void => {
    if (drag === undefined) return;
    setDrag(undefined);
    if (drag.isMoved) props.onSelect?.(drag.selection);
    else if (selection !== null) props.onSelect?.(null);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = readingsOfKey(event.key);
    if (by !== undefined) {
      const from = pointed < 0 ? cursorMs : middleOf(readings, pointed);
      const to = steppedReading(readings, from, by);
      if (to < 0) return;
      // As text is selected: one end stays where Shift was first held, the other follows.
      if (!event.shiftKey) anchorMs.current = null;
      else {
        anchorMs.current ??= from ?? middleOf(readings, to);
        const toMs = middleOf(readings, to);
        props.onSelect?.(wholeWindows(windows, { fromMs: anchorMs.current, toMs }));
      }
      props.onCursor?.(middleOf(readings, to));
    } else if (event.key === 'Escape' && selection !== null) {
      anchorMs.current = null;
      props.onSelect?.(null);
    } else if (event.key === 'Escape' && cursorMs !== null) props.onCursor?.(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const entries = series.map(({ name, values }, index) => ({
    ...{ name, index },
    value: pointed < 0 ? Number.NaN : values[pointed]!,
  }));
  // The legend of a stack is read from the top, as the stack is.
  if (isStacked) entries.reverse();
  const atMs = cursorMs ?? (pointed < 0 ? null : readings.endMs[pointed]!);
  const said = entries.map(({ name, value }) => `${name} ${formatReading(value, unit)}`).join(', ');
  return (
    <div style={{ display: 'flex', flexDirection: 'column', height: '100%', minWidth: 0 }}>
      <div
        ref={track}
        role="slider"
        tabIndex={0}
        aria-label={props.ariaLabel}
        aria-description={HELP}
        aria-orientation="horizontal"
        aria-valuemin={Math.round(span.fromMs)}
        aria-valuemax={Math.round(span.toMs)}
        aria-valuenow={Math.round(Math.min(span.toMs, Math.max(span.fromMs, atMs ?? span.toMs)))}
        aria-valuetext={atMs === null ? 'no data' : `${timeOfDay(atMs, true)}: ${said}`}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={() => setDrag(undefined)}
        onPointerLeave={() => props.onCursor?.(null)}
        onKeyDown={onKeyDown}
        onBlur={() => props.onCursor?.(null)}
        style={{
          ...brushStyle(0),
          height: undefined,
          flex: '1 1 0',
          minHeight: LEAST_CHART_PX,
          outlineColor: palette.ring,
          outlineOffset: -2,
        }}
      >
        <div aria-hidden="true">
          <canvas ref={canvas} style={{ position: 'absolute', width: widthPx, height: heightPx }} />
          <canvas ref={overlay} style={{ position: 'absolute', width: widthPx, height: heightPx }} />
        </div>
      </div>
      <ul
        aria-label={`${props.ariaLabel}: readings`}
        style={{
          ...LEGEND_STYLE,
          gap: '0 12px',
          flex: '0 1 auto',
          minHeight: 0,
          maxHeight: LEGEND_LINES * LEGEND_LINE_PX,
          overflowY: 'auto',
          fontVariantNumeric: 'tabular-nums',
        }}
        onPointerLeave={() => setEmphasised(null)}
      >
        <li style={{ color: palette.dullInk, whiteSpace: 'nowrap' }}>
          {atMs === null ? 'no data' : timeOfDay(atMs, true)}
          {cursorMs !== null && pointed < 0 && ' no data'}
        </li>
        {entries.map(({ name, index, value }) => (
          <li
            key={name}
            title={`${name}: ${formatExactReading(value, unit)}`}
            onPointerEnter={() => setEmphasised(series.length > 1 ? index : null)}
            style={{
              display: 'inline-flex',
              alignItems: 'center',
              gap: 5,
              whiteSpace: 'nowrap',
              minWidth: 0,
            }}
          >
            <Swatch
              index={index}
              isStacked={isStacked}
              isAlone={series.length === 1}
              theme={theme}
              palette={palette}
            />
            <span style={{ overflow: 'hidden', textOverflow: 'ellipsis', color: palette.dullInk }}>
              {name}
            </span>
            {/* As wide as its longest: what follows does not move while the number does. */}
            <strong style={{ minWidth: '8ch', fontWeight: 600, color: palette.ink }}>
              {formatReading(value, unit)}
            </strong>
          </li>
        ))}
        {props.note !== undefined && <li style={{ color: palette.dullInk }}>{props.note}</li>}
      </ul>
    </div>
  );
}

function Swatch(props: {
  index: number;
  isStacked: boolean;
  isAlone: boolean;
  theme: Theme;
  palette: Palette;
}): ReactElement {
  const { index, isStacked, isAlone, theme } = props;
  const colour = seriesColour(theme, index);
  return isStacked ? (
    <span
      aria-hidden="true"
      style={{ width: 10, height: 10, borderRadius: 2, background: colour, opacity: 0.85, flex: 'none' }}
    />
  ) : (
    <svg aria-hidden="true" width="18" height="10" style={{ flex: 'none' }}>
      <line
        x1="0"
        x2="18"
        y1="5"
        y2="5"
        stroke={colour}
        strokeWidth="2"
        strokeDasharray={isAlone ? undefined : seriesDash(index).join(' ')}
      />
    </svg>
  );
}

function fit(
  element: HTMLCanvasElement,
  context: CanvasRenderingContext2D,
  widthPx: number,
  heightPx: number,
  pixelRatio: number,
): void {
  const width = Math.max(1, Math.round(widthPx * pixelRatio));
  const height = Math.max(1, Math.round(heightPx * pixelRatio));
  // Setting a size clears and reallocates, even to the same value.
  if (element.width !== width) element.width = width;
  if (element.height !== height) element.height = height;
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
}

function middleOf({ startMs, endMs }: SeriesReadings, index: number): number {
  return (startMs[index]! + endMs[index]!) / 2;
}

/** To the end is endlessly many. */
function readingsOfKey(key: string): number | undefined {
  switch (key) {
    case 'ArrowLeft':
      return -1;
    case 'ArrowRight':
      return 1;
    case 'PageUp':
      return -READINGS_A_PAGE;
    case 'PageDown':
      return READINGS_A_PAGE;
    case 'Home':
      return Number.NEGATIVE_INFINITY;
    case 'End':
      return Number.POSITIVE_INFINITY;
    default:
      return undefined;
  }
}
