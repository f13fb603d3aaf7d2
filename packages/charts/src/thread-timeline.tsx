/// <reference path="./d3-subset.d.ts" />
/**
 * Owns the timeline of threads: a row a thread, a column a window, each cell divided by what the thread was at. Rows out of
 * view are neither drawn nor in the page. A stretch of time is chosen by drag or by key, a thread by its name. What is drawn
 * stands still while a drag is under way, though newer windows come.
 */
import { LIFE_KINDS, type ThreadTimeline, type TimelineGap } from '@stallscope/profile';
import { scaleTime } from 'd3';
import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactElement,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { contextOf } from './canvas-context.js';
import { useCanvasSize } from './canvas-size.js';
import { FRAME_FONT_FAMILY } from './flame-drawing.js';
import { lifeTexture, TEXTURE_ALPHA } from './life-marks.js';
import { LIFE_ORDER, lifeColour, lifeMarkColour, type Palette, paletteOf, type Theme } from './palette.js';
import {
  bandEdges,
  cellLife,
  cellStretch,
  columnAt,
  stretchOf,
  type TimelineStretch,
} from './timeline-cells.js';

/** A cell, or with column -1 the name of a thread: indexes into the timeline's rows and columns. */
export interface TimelineCell {
  row: number;
  column: number;
}

/** Where somebody points, by what stays while columns come and go. */
export interface TimelinePoint {
  tid: number;
  /** By key: the instant, which moves with its column. By pointer: the column, as it is the place that stays. Null: the name. */
  at: { ms: number } | { column: number } | null;
  /** In a gap: which. */
  gap: TimelineGap | null;
}

/** The cell that is pointed to now; null where its thread, or its column, is gone. */
export function timelineCellAt(timeline: ThreadTimeline, { tid, at }: TimelinePoint): TimelineCell | null {
  const row = timeline.tid.indexOf(tid);
  if (row < 0) return null;
  if (at === null) return { row, column: -1 };
  const column = 'ms' in at ? columnAt(timeline, at.ms) : at.column;
  return column < timeline.startMs.length ? { row, column } : null;
}

export interface ThreadTimelineProps {
  timeline: ThreadTimeline;
  /** Rows of the timeline from the top down. */
  order: readonly number[];
  /** Beside a name: its tid, or what rows are sorted by. */
  detailOf: (row: number) => string;
  /** The stretch that was chosen; null: all is shown. */
  selection: TimelineStretch | null;
  chosenTid: number | null;
  theme: Theme;
  ariaLabel: string;
  /** What a cell, or a name, says to those who do not see it. */
  wordsOf: (cell: TimelineCell) => string;
  /** A finished drag, click or key; null for Escape. */
  onSelect: (selection: TimelineStretch | null) => void;
  onChooseThread: (row: number) => void;
  /** Under the pointer, or reached by key; null when it is left. A gap is told in place of a cell. */
  onPoint?: ((pointed: TimelinePoint | null) => void) | undefined;
}

const ROW_PX = 19;
/** Of the row, between it and the next. */
const ROW_GAP_PX = 2;
const AXIS_PX = 17;
const MOST_ROWS_SEEN = 14;
const NAME_PX = 216;
const NARROW_NAME_PX = 112;
const NARROW_BELOW_PX = 560;
const ROWS_A_PAGE = 10;
/** Room for a time such as 08:41:30 and its neighbour. */
const TICK_EVERY_PX = 90;
/** Narrower cells have no room for a line between them. */
const CELL_GAP_FROM_PX = 5;
const MINUTE_MS = 60_000;

export function ThreadTimelineChart(props: ThreadTimelineProps): ReactElement {
  const { selection, theme } = props;
  const palette = paletteOf(theme);
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const cellArea = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const axis = useRef<HTMLCanvasElement>(null);
  const { widthPx: contentPx, pixelRatio } = useCanvasSize(content);
  const [scrollTopPx, setScrollTop] = useState(0);
  const [drag, setDrag] = useState<Drag | null>(null);
  /** By what they are, so that they stay where they are while columns come and go. */
  const [active, setActive] = useState<{ tid: number; atMs: number | null } | null>(null);
  const [isFocused, setFocused] = useState(false);
  /** Where a span that is grown by key began. */
  const anchorMs = useRef<number | null>(null);

  const timeline = drag?.timeline ?? props.timeline;
  const order = drag?.order ?? props.order;
  const namePx = contentPx < NARROW_BELOW_PX ? NARROW_NAME_PX : NAME_PX;
  const cellsPx = Math.max(0, contentPx - namePx);
  const seenPx = Math.max(1, Math.min(order.length, MOST_ROWS_SEEN)) * ROW_PX;
  const columns = timeline.startMs.length;
  const lengthMs = Math.max(1, timeline.toMs - timeline.fromMs);
  const xOf = (atMs: number): number =>
    Math.min(cellsPx, Math.max(0, ((atMs - timeline.fromMs) / lengthMs) * cellsPx));
  const chosen = drag?.stretch ?? selection;
  const first = Math.max(0, Math.floor(scrollTopPx / ROW_PX) - 1);
  const last = Math.min(order.length, Math.ceil((scrollTopPx + seenPx) / ROW_PX) + 1);

  useLayoutEffect(() => {
    const context = sized(canvas.current, cellsPx, seenPx, pixelRatio);
    if (context === null) return;
    const rows: SeenRow[] = [];
    for (let place = first; place < last; place++) {
      rows.push({ row: order[place]!, topPx: place * ROW_PX - scrollTopPx });
    }
    drawCells(context, { timeline, rows, cellsPx, seenPx, pixelRatio, palette, theme });
  }, [timeline, order, first, last, scrollTopPx, cellsPx, seenPx, pixelRatio, palette, theme]);
  useLayoutEffect(() => {
    const context = sized(axis.current, cellsPx, AXIS_PX, pixelRatio);
    if (context !== null) drawTimes(context, timeline, cellsPx, palette);
  }, [timeline, cellsPx, pixelRatio, palette]);

  const cellOf = (event: PointerEvent): TimelineCell & { atMs: number } => {
    const box = cellArea.current!.getBoundingClientRect();
    const place = Math.floor((event.clientY - box.top) / ROW_PX);
    const atMs = timeline.fromMs + ((event.clientX - box.left) / Math.max(1, cellsPx)) * lengthMs;
    return {
      row: order[Math.min(order.length - 1, Math.max(0, place))] ?? 0,
      column: columnAt(timeline, atMs),
      atMs,
    };
  };
  const pointTo = ({ row, column, atMs }: TimelineCell & { atMs: number }, isInGap: boolean): void =>
    props.onPoint?.({
      tid: timeline.tid[row]!,
      at: { column },
      gap: isInGap ? (timeline.gaps.find(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs) ?? null) : null,
    });
  const pointByKey = (tid: number, ms: number | null): void =>
    props.onPoint?.({ tid, at: ms === null ? null : { ms }, gap: null });
  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0 || columns === 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const { row, column, atMs } = cellOf(event);
    setActive({ tid: timeline.tid[row]!, atMs });
    setDrag({ timeline, order, anchor: column, stretch: stretchOf(timeline, column, column) });
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    if (columns === 0) return;
    const cell = cellOf(event);
    pointTo(cell, drag === null);
    if (drag === null) return;
    const stretch = stretchOf(timeline, drag.anchor, cell.column);
    if (stretch.fromMs !== drag.stretch.fromMs || stretch.toMs !== drag.stretch.toMs)
      setDrag({ ...drag, stretch });
  };
  const onPointerUp = (): void => {
    if (drag === null) return;
    setDrag(null);
    anchorMs.current = null;
    props.onSelect(drag.stretch);
  };

  const activeRow = active === null ? -1 : timeline.tid.indexOf(active.tid);
  const activePlace = activeRow < 0 ? -1 : order.indexOf(activeRow);
  const activeCell: TimelineCell | null =
    active === null || activePlace < 0
      ? null
      : { row: activeRow, column: active.atMs === null ? -1 : columnAt(timeline, active.atMs) };

  const goTo = (place: number, column: number): void => {
    const row = order[place];
    if (row === undefined) return;
    const middleMs = column < 0 ? null : (timeline.startMs[column]! + timeline.endMs[column]!) / 2;
    setActive({ tid: timeline.tid[row]!, atMs: middleMs });
    pointByKey(timeline.tid[row]!, middleMs);
    const element = scroller.current;
    if (element === null) return;
    const topPx = place * ROW_PX;
    if (topPx < element.scrollTop) element.scrollTop = topPx;
    else if (topPx + ROW_PX > element.scrollTop + seenPx) element.scrollTop = topPx + ROW_PX - seenPx;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || order.length === 0) return;
    const place = Math.max(0, activePlace);
    const column = activeCell === null ? columns - 1 : activeCell.column;
    const move = KEY_MOVES[event.key];
    if (move !== undefined && activeCell === null) goTo(place, column);
    else if (move !== undefined) {
      const toPlace = clamp(place + move.rows, 0, order.length - 1);
      const toColumn = clamp(column + move.columns, event.shiftKey ? 0 : -1, columns - 1);
      if (event.shiftKey && move.columns !== 0 && columns > 0) {
        anchorMs.current ??= timeline.startMs[Math.max(0, column)]!;
        props.onSelect(stretchOf(timeline, columnAt(timeline, anchorMs.current), toColumn));
      } else anchorMs.current = null;
      goTo(toPlace, toColumn);
    } else if (event.key === 'Enter' && activeCell !== null) {
      if (activeCell.column < 0) props.onChooseThread(activeCell.row);
      else props.onSelect(stretchOf(timeline, activeCell.column, activeCell.column));
    } else if (event.key === 'Escape' && selection !== null) {
      anchorMs.current = null;
      props.onSelect(null);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const cellId = `${id}cell`;
  const activeStretch =
    activeCell === null || activeCell.column < 0
      ? null
      : { fromMs: timeline.startMs[activeCell.column]!, toMs: timeline.endMs[activeCell.column]! };
  return (
    <div style={{ position: 'relative' }}>
      {/* biome-ignore lint/a11y/useSemanticElements: cells are on a canvas and rows come and go as they are scrolled to */}
      <div
        ref={scroller}
        role="grid"
        tabIndex={0}
        aria-label={props.ariaLabel}
        aria-rowcount={order.length}
        aria-colcount={columns + 1}
        aria-activedescendant={activeCell === null ? undefined : cellId}
        onKeyDown={onKeyDown}
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
        onFocus={() => {
          setFocused(true);
          if (activeCell === null && order.length > 0) goTo(0, columns - 1);
          else if (active !== null) pointByKey(active.tid, active.atMs);
        }}
        onBlur={() => {
          setFocused(false);
          props.onPoint?.(null);
        }}
        style={{
          position: 'relative',
          height: seenPx,
          overflowX: 'hidden',
          overflowY: 'auto',
          outlineColor: palette.ring,
        }}
      >
        <div style={{ position: 'relative', height: order.length * ROW_PX }}>
          {/* As wide as the rows, without their height: the canvas is only as high as what is seen of them. */}
          <div ref={content} style={{ height: 0 }} />
          <div
            ref={cellArea}
            onPointerDown={onPointerDown}
            onPointerMove={onPointerMove}
            onPointerUp={onPointerUp}
            onPointerCancel={() => setDrag(null)}
            onPointerLeave={() => props.onPoint?.(null)}
            style={{
              position: 'absolute',
              left: namePx,
              right: 0,
              top: 0,
              bottom: 0,
              cursor: 'crosshair',
              touchAction: 'pan-y',
              userSelect: 'none',
              WebkitUserSelect: 'none',
            }}
          >
            <div
              aria-hidden="true"
              style={{ position: 'sticky', top: 0, height: seenPx, pointerEvents: 'none' }}
            >
              <canvas
                ref={canvas}
                style={{ position: 'absolute', left: 0, top: 0, width: cellsPx, height: seenPx }}
              />
              {chosen !== null &&
                veils(xOf(chosen.fromMs), xOf(chosen.toMs), cellsPx).map(({ key, leftPx, widthPx }) => (
                  <div
                    key={key}
                    style={{
                      position: 'absolute',
                      top: 0,
                      height: seenPx,
                      left: leftPx,
                      width: widthPx,
                      background: palette.surface,
                      opacity: 0.65,
                    }}
                  />
                ))}
              {chosen !== null && (
                <div
                  style={{
                    position: 'absolute',
                    top: 0,
                    height: seenPx,
                    left: xOf(chosen.fromMs),
                    width: Math.max(1, xOf(chosen.toMs) - xOf(chosen.fromMs)),
                    boxSizing: 'border-box',
                    borderInline: `1px solid ${palette.ring}`,
                  }}
                />
              )}
            </div>
          </div>
          {order.slice(first, last).map((row, index) => {
            const place = first + index;
            const tid = timeline.tid[row]!;
            const isChosen = tid === props.chosenTid;
            const isActive = activeCell?.row === row;
            return (
              // biome-ignore lint/a11y/useSemanticElements: as the grid
              // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus, and says which cell is active
              <div
                key={tid}
                role="row"
                aria-rowindex={place + 1}
                style={{
                  position: 'absolute',
                  left: 0,
                  top: place * ROW_PX,
                  height: ROW_PX,
                  width: '100%',
                  pointerEvents: 'none',
                }}
              >
                {/* biome-ignore lint/a11y/useSemanticElements: as the grid */}
                {/* biome-ignore lint/a11y/useFocusableInteractive: as above */}
                <div
                  role="rowheader"
                  aria-colindex={1}
                  {...(isActive && activeCell.column < 0 ? { id: cellId } : {})}
                  style={{ width: namePx, height: ROW_PX, pointerEvents: 'auto' }}
                >
                  <button
                    type="button"
                    tabIndex={-1}
                    aria-pressed={isChosen}
                    title={props.wordsOf({ row, column: -1 })}
                    onPointerDown={(event) => event.preventDefault()}
                    onClick={() => props.onChooseThread(row)}
                    style={{
                      display: 'flex',
                      width: '100%',
                      height: ROW_PX,
                      alignItems: 'center',
                      gap: 6,
                      padding: '0 8px 0 2px',
                      fontSize: 12,
                      textAlign: 'left',
                      color: palette.ink,
                      cursor: 'pointer',
                      fontWeight: isChosen ? 600 : 400,
                      textDecoration:
                        isActive && activeCell.column < 0 && isFocused ? 'underline' : undefined,
                    }}
                  >
                    <span aria-hidden="true" style={{ width: 8, flex: 'none' }}>
                      {isChosen ? '▸' : ''}
                    </span>
                    <span
                      style={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', flex: 1 }}
                    >
                      {timeline.name[row] || '(no name)'}
                    </span>
                    <span
                      style={{
                        color: palette.dullInk,
                        fontWeight: 400,
                        fontVariantNumeric: 'tabular-nums',
                        whiteSpace: 'nowrap',
                      }}
                    >
                      {props.detailOf(row)}
                    </span>
                  </button>
                </div>
                {isActive && activeStretch !== null && (
                  // biome-ignore lint/a11y/useSemanticElements: as the grid
                  // biome-ignore lint/a11y/useFocusableInteractive: as above
                  <div
                    role="gridcell"
                    id={cellId}
                    aria-colindex={activeCell.column + 2}
                    aria-label={props.wordsOf(activeCell)}
                    style={{
                      position: 'absolute',
                      top: 0,
                      height: ROW_PX - 1,
                      left: namePx + xOf(activeStretch.fromMs),
                      width: Math.max(4, xOf(activeStretch.toMs) - xOf(activeStretch.fromMs)),
                      boxSizing: 'border-box',
                      border: isFocused ? `2px solid ${palette.ring}` : 'none',
                      boxShadow: isFocused ? `inset 0 0 0 1px ${palette.ringInner}` : 'none',
                    }}
                  />
                )}
              </div>
            );
          })}
        </div>
      </div>
      <div aria-hidden="true">
        <canvas
          ref={axis}
          style={{ display: 'block', marginLeft: namePx, width: cellsPx, height: AXIS_PX }}
        />
      </div>
    </div>
  );
}

interface Drag {
  /** As it was when the drag began. */
  timeline: ThreadTimeline;
  order: readonly number[];
  anchor: number;
  stretch: TimelineStretch;
}

interface SeenRow {
  row: number;
  /** On the canvas. */
  topPx: number;
}

const KEY_MOVES: Readonly<Record<string, { rows: number; columns: number } | undefined>> = {
  ArrowUp: { rows: -1, columns: 0 },
  ArrowDown: { rows: 1, columns: 0 },
  ArrowLeft: { rows: 0, columns: -1 },
  ArrowRight: { rows: 0, columns: 1 },
  PageUp: { rows: -ROWS_A_PAGE, columns: 0 },
  PageDown: { rows: ROWS_A_PAGE, columns: 0 },
  Home: { rows: 0, columns: Number.NEGATIVE_INFINITY },
  End: { rows: 0, columns: Number.POSITIVE_INFINITY },
};

/** A canvas of that size, CSS px, whose units are device px. */
function sized(
  element: HTMLCanvasElement | null,
  widthPx: number,
  heightPx: number,
  ratio: number,
): CanvasRenderingContext2D | null {
  const context = contextOf(element);
  if (element === null || context === null || widthPx === 0) return null;
  const width = Math.max(1, Math.round(widthPx * ratio));
  const height = Math.max(1, Math.round(heightPx * ratio));
  if (element.width !== width) element.width = width;
  if (element.height !== height) element.height = height;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

interface CellPicture {
  timeline: ThreadTimeline;
  rows: readonly SeenRow[];
  cellsPx: number;
  seenPx: number;
  pixelRatio: number;
  palette: Palette;
  theme: Theme;
}

/** One path a kind, so that thousands of cells are as many calls as kinds. */
function drawCells(context: CanvasRenderingContext2D, picture: CellPicture): void {
  const { timeline, rows, cellsPx, seenPx, pixelRatio: ratio, palette, theme } = picture;
  const pxPerMs = (cellsPx * ratio) / Math.max(1, timeline.toMs - timeline.fromMs);
  const xOf = (atMs: number): number =>
    Math.round(Math.min(cellsPx * ratio, Math.max(0, (atMs - timeline.fromMs) * pxPerMs)));
  drawGaps(context, timeline.gaps, xOf, seenPx * ratio, ratio, palette);
  const height = Math.round((ROW_PX - ROW_GAP_PX) * ratio);
  const boxes = LIFE_ORDER.map((): number[] => []);
  const ends: number[] = [];
  for (const { row, topPx } of rows) {
    const foot = Math.round(topPx * ratio) + height;
    for (let column = 0; column < timeline.startMs.length; column++) {
      const stretch = cellStretch(timeline, row, column);
      if (stretch === null) continue;
      const left = xOf(stretch.fromMs);
      const right = Math.max(left + 1, xOf(stretch.toMs));
      const gap = right - left >= CELL_GAP_FROM_PX * ratio ? Math.max(1, Math.round(ratio)) : 0;
      const edges = bandEdges(cellLife(timeline, row, column), stretch, height);
      for (let kind = 0; kind < LIFE_KINDS; kind++) {
        const from = edges[kind]!;
        const to = edges[kind + 1]!;
        if (to > from) boxes[kind]!.push(left, foot - to, right - left - gap, to - from);
      }
    }
    const { bornMs, diedMs, isInOneWindow } = timeline;
    const born = bornMs[row]!;
    const died = diedMs[row]!;
    if (isInOneWindow[row] === 1) continue;
    if (born > timeline.fromMs) ends.push(xOf(born), foot - height);
    if (died < timeline.toMs) ends.push(xOf(died) - END_PX * ratio, foot - height);
  }
  for (const [index, kind] of LIFE_ORDER.entries()) {
    const rects = boxes[index]!;
    if (rects.length === 0) continue;
    context.beginPath();
    for (let at = 0; at < rects.length; at += 4) {
      context.rect(rects[at]!, rects[at + 1]!, rects[at + 2]!, rects[at + 3]!);
    }
    context.fillStyle = lifeColour(theme, kind);
    context.fill();
    const texture = lifeTexture(context, kind, lifeMarkColour(theme, kind), ratio);
    if (texture === undefined) continue;
    context.fillStyle = texture;
    context.globalAlpha = TEXTURE_ALPHA;
    context.fill();
    context.globalAlpha = 1;
  }
  context.fillStyle = palette.ink;
  for (let at = 0; at < ends.length; at += 2) {
    context.fillRect(ends[at]!, ends[at + 1]!, END_PX * ratio, height);
  }
}

/** Of the line at which a life begins or ends. */
const END_PX = 2;

function drawGaps(
  context: CanvasRenderingContext2D,
  gaps: readonly TimelineGap[],
  xOf: (atMs: number) => number,
  height: number,
  ratio: number,
  palette: Palette,
): void {
  if (gaps.length === 0) return;
  context.save();
  context.beginPath();
  for (const { fromMs, toMs } of gaps) {
    const left = xOf(fromMs);
    context.rect(left, 0, Math.max(1, xOf(toMs) - left), height);
  }
  context.clip();
  context.strokeStyle = palette.hatch;
  context.lineWidth = Math.max(1, Math.round(ratio));
  context.beginPath();
  for (let x = -height; x < context.canvas.width; x += 6 * ratio) {
    context.moveTo(x, height);
    context.lineTo(x + height, 0);
  }
  context.stroke();
  context.restore();
}

function drawTimes(
  context: CanvasRenderingContext2D,
  { fromMs, toMs }: ThreadTimeline,
  widthPx: number,
  palette: Palette,
): void {
  const ratio = context.canvas.width / widthPx;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.font = `11px ${FRAME_FONT_FAMILY}`;
  context.textBaseline = 'alphabetic';
  context.fillStyle = palette.line;
  context.fillRect(0, 0, widthPx, 1);
  const time = scaleTime().domain([fromMs, toMs]).range([0, widthPx]);
  const wanted = time.ticks(Math.max(1, Math.floor(widthPx / TICK_EVERY_PX)));
  const every = Math.ceil((TICK_EVERY_PX * wanted.length) / Math.max(1, widthPx + TICK_EVERY_PX));
  const isBySecond = wanted.length > 1 && wanted[1]!.getTime() - wanted[0]!.getTime() < MINUTE_MS;
  for (const [index, tick] of wanted.entries()) {
    if (index % every !== 0) continue;
    const x = Math.round(time(tick));
    const text = (isBySecond ? BY_SECOND : BY_MINUTE).format(tick);
    context.fillStyle = palette.line;
    context.fillRect(x, 0, 1, 4);
    const textPx = context.measureText(text).width;
    // A label cut by the edge says a wrong time.
    if (x - textPx / 2 < 0 || x + textPx / 2 > widthPx) continue;
    context.fillStyle = palette.dullInk;
    context.fillText(text, x - textPx / 2, AXIS_PX - 3);
  }
}

function veils(fromPx: number, toPx: number, widthPx: number) {
  return [
    { key: 'before', leftPx: 0, widthPx: fromPx },
    { key: 'after', leftPx: toPx, widthPx: widthPx - toPx },
  ].filter((veil) => veil.widthPx > 0);
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

const BY_MINUTE = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const BY_SECOND = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
