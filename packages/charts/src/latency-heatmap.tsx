/**
 * Owns the latency heatmap: time across, lengths upwards on a logarithm, a cell as strong as what was counted in it. A
 * stretch of time and lengths is chosen by drag, by a click on a cell, by key; along an axis all of the other is meant. What
 * is drawn stands still while a drag is under way, though newer windows come.
 */
import { bucketFromNs, bucketToNs, cellCount, type HeatGrid, isCollected } from '@stallscope/latency';
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
import { formatNs } from './format.js';
import {
  bucketOfY,
  bucketsBetween,
  type Corner,
  columnsIn,
  countIn,
  type GridPlace,
  type HeatBrush,
  type HeatPoint,
  mostIn,
  movedCorner,
  msOfX,
  nearestColumn,
  timeOfColumns,
  withOpenEnds,
  xOfMs,
  yOfBucket,
} from './heat-cells.js';
import { drawHeatmap, type PercentileLine } from './heat-drawing.js';
import { type HeatScaleName, toHeatScale } from './heat-scale.js';
import { type Palette, paletteOf, type Theme } from './palette.js';
import { VALUE_AXIS_PX } from './series-drawing.js';
import { TIME_AXIS_HEIGHT_PX, timeOfDay } from './time-axis.js';

/** What is under the pointer, or within the brush being drawn. */
export interface HoveredHeat {
  /** Of one cell, or of the brush; in a gap both axes are of the point. */
  brush: HeatBrush;
  count: number;
  /** False: nothing was collected there, so that the count says nothing. */
  isCollected: boolean;
  /** -1 in a gap. */
  column: number;
  isBrush: boolean;
}

export interface LatencyHeatmapProps {
  grid: HeatGrid;
  /** Drawn over the cells, at most three, the highest last. */
  lines: readonly PercentileLine[];
  scale: HeatScaleName;
  /** What was chosen; null: nothing. */
  brush: HeatBrush | null;
  /** What it is compared with, marked by a dashed frame. */
  base?: HeatBrush | null | undefined;
  /** An instant that is read in other charts too, ms; null: none. */
  cursorMs?: number | null | undefined;
  theme: Theme;
  ariaLabel: string;
  /** A finished drag, click or key press; null for Escape, and where all was chosen. */
  onSelect?: ((brush: HeatBrush | null) => void) | undefined;
  onHover?: ((hovered: HoveredHeat | null) => void) | undefined;
  /** The instant under the pointer; null when it is left. */
  onCursor?: ((atMs: number | null) => void) | undefined;
  /** Default 180. */
  heightPx?: number | undefined;
}

const HEIGHT_PX = 180;
/** Of the lengths: as wide as that of values, so that clocks of charts in a column agree. */
const AXIS_WIDTH_PX = VALUE_AXIS_PX;
const HANDLE_PX = 9;
const COLUMNS_A_PAGE = 10;
/** An octave. */
const BUCKETS_A_PAGE = 4;
/** Shorter drags are clicks. */
const DRAG_FROM_PX = 4;

/** Which axes a drag is along: from the cells both, from an axis that one. */
type DragOf = 'both' | 'time' | 'latency';

interface Drag {
  /** As it was when the drag began. */
  grid: HeatGrid;
  of: DragOf;
  anchor: HeatPoint;
  fromPx: { x: number; y: number };
  isMoved: boolean;
  brush: HeatBrush;
}

export function LatencyHeatmap(props: LatencyHeatmapProps): ReactElement {
  const { theme, heightPx = HEIGHT_PX } = props;
  const palette = paletteOf(theme);
  const track = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { widthPx, pixelRatio } = useCanvasSize(track);
  const [drag, setDrag] = useState<Drag | null>(null);
  const grid = drag?.grid ?? props.grid;
  const place = useMemo(
    (): GridPlace => ({
      leftPx: AXIS_WIDTH_PX,
      widthPx: Math.max(0, widthPx - AXIS_WIDTH_PX),
      heightPx: heightPx - TIME_AXIS_HEIGHT_PX,
    }),
    [widthPx, heightPx],
  );
  const scale = useMemo(() => toHeatScale(mostIn(grid), props.scale), [grid, props.scale]);
  const shown = drag?.brush ?? props.brush;
  const { lines } = props;

  useLayoutEffect(() => {
    const element = canvas.current;
    const context = contextOf(element);
    if (element === null || context === null || widthPx === 0) return;
    const width = Math.max(1, Math.round(widthPx * pixelRatio));
    const height = Math.max(1, Math.round(heightPx * pixelRatio));
    // Setting a size clears and reallocates, even to the same value.
    if (element.width !== width) element.width = width;
    if (element.height !== height) element.height = height;
    context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
    drawHeatmap(context, { grid, scale, lines, place, heightPx, palette, theme });
  }, [grid, scale, lines, place, widthPx, heightPx, pixelRatio, palette, theme]);

  const pointOf = (event: PointerEvent): HeatPoint & { xPx: number; yPx: number } => {
    const box = track.current!.getBoundingClientRect();
    const xPx = event.clientX - box.left;
    const yPx = event.clientY - box.top;
    const atMs = msOfX(grid, place, xPx);
    return { xPx, yPx, atMs, column: nearestColumn(grid, atMs), bucket: bucketOfY(grid, place, yPx) };
  };
  const hoverCell = ({ column, bucket, atMs, xPx, yPx }: ReturnType<typeof pointOf>): void => {
    const isOver = xPx >= place.leftPx && yPx <= place.heightPx;
    props.onCursor?.(isOver ? atMs : null);
    if (props.onHover === undefined) return;
    if (!isOver) {
      props.onHover(null);
      return;
    }
    const isIn = column >= 0 && grid.startMs[column]! <= atMs && atMs < grid.endMs[column]!;
    props.onHover({
      brush: {
        time: isIn ? timeOfColumns(grid, column, column) : { fromMs: atMs, toMs: atMs },
        latency: { fromBucket: bucket, toBucket: bucket + 1 },
      },
      count: isIn ? cellCount(grid, column, bucket) : 0,
      isCollected: isIn && isCollected(grid, column),
      column: isIn ? column : -1,
      isBrush: false,
    });
  };
  const hoverBrush = (brush: HeatBrush): void => {
    const columns = columnsIn(grid, brush.time);
    props.onHover?.({
      ...{ brush, count: countIn(grid, brush), column: -1, isBrush: true },
      isCollected: grid.collected
        .subarray(columns.from, columns.to)
        .some((_, at) => isCollected(grid, columns.from + at)),
    });
  };
  const canSelect = props.onSelect !== undefined;
  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0 || !canSelect) return;
    const point = pointOf(event);
    if (point.column < 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const of: DragOf = point.yPx > place.heightPx ? 'time' : point.xPx < place.leftPx ? 'latency' : 'both';
    const fromPx = { x: event.clientX, y: event.clientY };
    setDrag({
      grid,
      of,
      anchor: point,
      fromPx,
      isMoved: false,
      brush: brushOf(grid, of, point, point, props.brush),
    });
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    const point = pointOf(event);
    if (drag === null) {
      hoverCell(point);
      return;
    }
    const isMoved =
      drag.isMoved ||
      Math.hypot(event.clientX - drag.fromPx.x, event.clientY - drag.fromPx.y) >= DRAG_FROM_PX;
    const brush = brushOf(grid, drag.of, drag.anchor, isMoved ? point : drag.anchor, props.brush);
    hoverBrush(brush);
    setDrag({ ...drag, isMoved, brush });
  };
  const onPointerUp = (): void => {
    if (drag === null) return;
    setDrag(null);
    props.onSelect?.(toChosen(drag));
  };
  const onKeyDown =
    (corner: Corner) =>
    (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const by = keyMove(event);
      if (by !== undefined) {
        const brush = movedCorner(grid, props.brush, corner, by);
        props.onSelect?.(brush.time === null && brush.latency === null ? null : brush);
      } else if (event.key === 'Escape' && props.brush !== null) props.onSelect?.(null);
      else return;
      event.preventDefault();
      event.stopPropagation();
    };

  const box = shown === null ? null : boxOf(grid, place, shown);
  const { cursorMs = null } = props;
  const hasCursor = cursorMs !== null && cursorMs >= grid.fromMs && cursorMs <= grid.toMs;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a border and a legend that this chart has no room for.
    <div
      ref={track}
      role="group"
      aria-label={props.ariaLabel}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={() => setDrag(null)}
      onPointerLeave={() => {
        props.onHover?.(null);
        props.onCursor?.(null);
      }}
      style={{ ...brushStyle(heightPx), ...(canSelect ? {} : { cursor: 'default' }) }}
    >
      <div aria-hidden="true">
        <canvas ref={canvas} style={{ position: 'absolute', width: widthPx, height: heightPx }} />
        {hasCursor && (
          <div
            style={{
              ...{ position: 'absolute', pointerEvents: 'none', top: 0, height: place.heightPx, width: 1 },
              left: xOfMs(grid, place, cursorMs),
              background: palette.ink,
              opacity: 0.55,
            }}
          />
        )}
        {props.base && <Frame box={boxOf(grid, place, props.base)} palette={palette} isDashed />}
        {box !== null && (
          <>
            <Veils box={box} place={place} palette={palette} />
            <Frame box={box} palette={palette} />
          </>
        )}
      </div>
      {canSelect &&
        (['from', 'to'] as const).map((corner) => {
          const at = box ?? boxOf(grid, place, { time: null, latency: null });
          return (
            <div
              key={corner}
              role="slider"
              tabIndex={0}
              aria-label={
                corner === 'from'
                  ? 'Start of the selected time, and least latency'
                  : 'End of the selected time, and greatest latency'
              }
              aria-valuemin={Math.round(grid.fromMs)}
              aria-valuemax={Math.round(grid.toMs)}
              aria-valuenow={Math.round(shown?.time?.[corner === 'from' ? 'fromMs' : 'toMs'] ?? grid.toMs)}
              aria-valuetext={cornerWords(shown, corner)}
              onKeyDown={onKeyDown(corner)}
              style={{
                position: 'absolute',
                pointerEvents: 'none',
                width: HANDLE_PX,
                height: HANDLE_PX,
                left: Math.min(
                  widthPx - HANDLE_PX,
                  Math.max(0, (corner === 'from' ? at.leftPx : at.rightPx) - HANDLE_PX / 2),
                ),
                top: Math.min(
                  place.heightPx - HANDLE_PX,
                  Math.max(0, (corner === 'from' ? at.footPx : at.topPx) - HANDLE_PX / 2),
                ),
                outlineColor: palette.ring,
              }}
            />
          );
        })}
    </div>
  );
}

interface Box {
  leftPx: number;
  rightPx: number;
  topPx: number;
  footPx: number;
}

function boxOf(grid: HeatGrid, place: GridPlace, { time, latency }: HeatBrush): Box {
  return {
    leftPx: time === null ? place.leftPx : xOfMs(grid, place, time.fromMs),
    rightPx: time === null ? place.leftPx + place.widthPx : xOfMs(grid, place, time.toMs),
    topPx: latency === null ? 0 : yOfBucket(grid, place, latency.toBucket),
    footPx: latency === null ? place.heightPx : yOfBucket(grid, place, latency.fromBucket),
  };
}

function Frame({
  box,
  palette,
  isDashed = false,
}: {
  box: Box;
  palette: Palette;
  isDashed?: boolean;
}): ReactElement {
  return (
    <div
      style={{
        position: 'absolute',
        pointerEvents: 'none',
        left: box.leftPx,
        top: box.topPx,
        width: Math.max(2, box.rightPx - box.leftPx),
        height: Math.max(2, box.footPx - box.topPx),
        boxSizing: 'border-box',
        border: `1.5px ${isDashed ? 'dashed' : 'solid'} ${palette.ring}`,
        boxShadow: isDashed ? undefined : `inset 0 0 0 1px ${palette.ringInner}`,
      }}
    />
  );
}

/** What is not chosen, veiled. */
function Veils({ box, place, palette }: { box: Box; place: GridPlace; palette: Palette }): ReactElement {
  const right = place.leftPx + place.widthPx;
  const veils = [
    { key: 'before', left: place.leftPx, top: 0, width: box.leftPx - place.leftPx, height: place.heightPx },
    { key: 'after', left: box.rightPx, top: 0, width: right - box.rightPx, height: place.heightPx },
    { key: 'longer', left: box.leftPx, top: 0, width: box.rightPx - box.leftPx, height: box.topPx },
    {
      ...{ key: 'shorter', left: box.leftPx, top: box.footPx, width: box.rightPx - box.leftPx },
      height: place.heightPx - box.footPx,
    },
  ];
  return (
    <>
      {veils
        .filter(({ width, height }) => width > 0 && height > 0)
        .map(({ key, ...veil }) => (
          <div
            key={key}
            style={{
              position: 'absolute',
              pointerEvents: 'none',
              background: palette.surface,
              opacity: 0.6,
              ...veil,
            }}
          />
        ))}
    </>
  );
}

/** Along an axis the other stays as it was chosen. */
function brushOf(
  grid: HeatGrid,
  of: DragOf,
  a: HeatPoint,
  b: HeatPoint,
  before: HeatBrush | null,
): HeatBrush {
  const time = timeOfColumns(grid, a.column, b.column);
  const latency = bucketsBetween(a.bucket, b.bucket);
  if (of === 'time') return { time, latency: before?.latency ?? null };
  if (of === 'latency') return { time: before?.time ?? null, latency };
  return { time, latency };
}

/** A click is that cell alone; a drag to an edge goes on beyond it. */
function toChosen({ grid, of, isMoved, brush }: Drag): HeatBrush | null {
  const isOfLengths = of !== 'time' && brush.latency !== null;
  const latency = isMoved && isOfLengths ? withOpenEnds(grid, brush.latency!) : brush.latency;
  return brush.time === null && latency === null ? null : { time: brush.time, latency };
}

function keyMove(event: KeyboardEvent): { columns: number; buckets: number } | undefined {
  const columns = event.shiftKey ? COLUMNS_A_PAGE : 1;
  const buckets = event.shiftKey ? BUCKETS_A_PAGE : 1;
  switch (event.key) {
    case 'ArrowLeft':
      return { columns: -columns, buckets: 0 };
    case 'ArrowRight':
      return { columns, buckets: 0 };
    case 'ArrowUp':
      return { columns: 0, buckets };
    case 'ArrowDown':
      return { columns: 0, buckets: -buckets };
    case 'PageUp':
      return { columns: 0, buckets: BUCKETS_A_PAGE };
    case 'PageDown':
      return { columns: 0, buckets: -BUCKETS_A_PAGE };
    case 'Home':
      return { columns: Number.NEGATIVE_INFINITY, buckets: 0 };
    case 'End':
      return { columns: Number.POSITIVE_INFINITY, buckets: 0 };
    default:
      return undefined;
  }
}

function cornerWords(brush: HeatBrush | null, corner: Corner): string {
  if (brush === null) return 'nothing selected';
  const { time, latency } = brush;
  const at = time === null ? 'all of the time' : timeOfDay(corner === 'from' ? time.fromMs : time.toMs, true);
  const length =
    latency === null
      ? 'all latencies'
      : corner === 'from'
        ? `from ${formatNs(bucketFromNs(latency.fromBucket))}`
        : bucketToNs(latency.toBucket - 1) === Number.POSITIVE_INFINITY
          ? 'any longer'
          : `up to ${formatNs(bucketToNs(latency.toBucket - 1))}`;
  return `${at}, ${length}`;
}
