/// <reference path="./d3-subset.d.ts" />
/**
 * Owns the sub-second-offset heatmap: a column a second, the time within it upwards, a cell as warm as samples fell in it.
 * Any stretch of time is selected by drag or by key, within a second or across many. What is drawn stands still while a
 * drag is under way, though newer seconds come.
 */
import { NO_SLICE_DATA, type SliceHeat } from '@stallscope/profile';
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
import { useCanvasSize } from './canvas-size.js';
import { FRAME_FONT_FAMILY } from './flame-drawing.js';
import { heatColours, type Palette, paletteOf, type Theme } from './palette.js';
import {
  CELL_ROWS,
  type CellSpan,
  cellAt,
  cellOfSlice,
  type HeatCells,
  movedCellEdge,
  samplesIn,
  sliceOfCell,
  spanOf,
  toCells,
} from './slice-cells.js';

/** Slices since the epoch, from up to, not with, to. */
export interface SliceRange {
  from: number;
  to: number;
}

export interface SliceHeatmapProps {
  heat: SliceHeat;
  selection: SliceRange | null;
  theme: Theme;
  ariaLabel: string;
  /** A finished drag or key press; null for Escape. */
  onSelect: (selection: SliceRange | null) => void;
  /** The stretch under the pointer or being drawn, and its samples; null when it is left. */
  onHover?: ((hovered: (SliceRange & { samples: number; isMeasured: boolean }) | null) => void) | undefined;
  /** Default 148. */
  heightPx?: number | undefined;
}

const HEIGHT_PX = 148;
const AXIS_HEIGHT_PX = 16;
/** Room for a time such as 08:41:30 and its neighbour. */
const TICK_EVERY_PX = 90;
const HANDLE_PX = 9;

export function SliceHeatmap(props: SliceHeatmapProps): ReactElement {
  const { selection, theme, heightPx = HEIGHT_PX } = props;
  const palette = paletteOf(theme);
  const track = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { widthPx, pixelRatio } = useCanvasSize(track);
  const [drag, setDrag] = useState<{ heat: SliceHeat; anchor: number; span: CellSpan } | null>(null);
  const heat = drag?.heat ?? props.heat;
  const cells = useMemo(() => toCells(heat), [heat]);
  const gridPx = heightPx - AXIS_HEIGHT_PX;
  const chosen = drag?.span ?? (selection === null ? null : toCellSpan(heat, selection));

  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (element == null || context == null || widthPx === 0) return;
    element.width = Math.max(1, Math.round(widthPx * pixelRatio));
    element.height = Math.max(1, Math.round(heightPx * pixelRatio));
    context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
    drawHeat(context, { heat, cells, widthPx, heightPx, palette, theme, chosen });
  }, [heat, cells, widthPx, heightPx, pixelRatio, palette, theme, chosen]);

  const cellOf = (event: PointerEvent): number => {
    const box = track.current!.getBoundingClientRect();
    return cellAt(event.clientX - box.left, event.clientY - box.top, widthPx, gridPx, cells.columns);
  };
  const toRange = (span: CellSpan): SliceRange => ({
    from: sliceOfCell(heat, span.from),
    to: sliceOfCell(heat, span.to),
  });
  const hover = (span: CellSpan): void =>
    props.onHover?.({
      ...toRange(span),
      samples: samplesIn(cells, span),
      isMeasured: cells.counts.subarray(span.from, span.to).some((count) => count !== NO_SLICE_DATA),
    });
  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0 || cells.columns === 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const anchor = cellOf(event);
    setDrag({ heat: props.heat, anchor, span: spanOf(anchor, anchor) });
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    if (cells.columns === 0) return;
    const cell = cellOf(event);
    const span = spanOf(drag?.anchor ?? cell, cell);
    hover(span);
    if (drag !== null && (span.from !== drag.span.from || span.to !== drag.span.to))
      setDrag({ ...drag, span });
  };
  const onPointerUp = (): void => {
    if (drag === null) return;
    setDrag(null);
    props.onSelect(toRange(drag.span));
  };
  const onKeyDown =
    (edge: 'from' | 'to') =>
    (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || cells.columns === 0) return;
      const by = KEY_CELLS[event.key];
      // Nothing is selected yet: the first key selects the second before the newest, which is whole.
      const start = {
        from: Math.max(0, cells.columns - 2) * CELL_ROWS,
        to: Math.max(1, cells.columns - 1) * CELL_ROWS,
      };
      if (by !== undefined) {
        const span = chosen === null ? start : movedCellEdge(chosen, edge, by, cells.counts.length);
        props.onSelect(toRange(span));
      } else if (event.key === 'Escape' && selection !== null) props.onSelect(null);
      else return;
      event.preventDefault();
      event.stopPropagation();
    };

  const columnPx = widthPx / Math.max(1, cells.columns);
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
      onPointerLeave={() => props.onHover?.(null)}
      style={brushStyle(heightPx)}
    >
      <div aria-hidden="true">
        <canvas ref={canvas} style={{ position: 'absolute', width: widthPx, height: heightPx }} />
      </div>
      {(['from', 'to'] as const).map((edge) => {
        const cell = chosen === null ? 0 : edge === 'from' ? chosen.from : chosen.to - 1;
        const column = Math.floor(cell / CELL_ROWS);
        const atMs = (sliceOfCell(heat, edge === 'from' ? cell : cell + 1) * 1000) / heat.slicesPerSecond;
        return (
          <div
            key={edge}
            role="slider"
            tabIndex={0}
            aria-label={edge === 'from' ? 'Start of the selected samples' : 'End of the selected samples'}
            aria-valuemin={0}
            aria-valuemax={cells.counts.length}
            aria-valuenow={cell}
            aria-valuetext={chosen === null ? 'nothing selected' : clockWithMs(atMs)}
            onKeyDown={onKeyDown(edge)}
            style={{
              position: 'absolute',
              pointerEvents: 'none',
              width: Math.max(HANDLE_PX, columnPx),
              height: HANDLE_PX,
              left: Math.min(Math.max(0, column * columnPx), Math.max(0, widthPx - HANDLE_PX)),
              top: gridPx * (1 - ((cell % CELL_ROWS) + 0.5) / CELL_ROWS) - HANDLE_PX / 2,
              outlineColor: palette.ring,
            }}
          />
        );
      })}
    </div>
  );
}

/** Cells that a key moves an edge by. */
const KEY_CELLS: Readonly<Record<string, number | undefined>> = {
  ArrowUp: 1,
  ArrowDown: -1,
  ArrowRight: CELL_ROWS,
  ArrowLeft: -CELL_ROWS,
  PageUp: 5,
  PageDown: -5,
};

function toCellSpan(heat: SliceHeat, { from, to }: SliceRange): CellSpan {
  const first = cellOfSlice(heat, from);
  return { from: first, to: Math.max(first + 1, cellOfSlice(heat, to - 1) + 1) };
}

interface HeatPicture {
  heat: SliceHeat;
  cells: HeatCells;
  widthPx: number;
  heightPx: number;
  palette: Palette;
  theme: Theme;
  chosen: CellSpan | null;
}

function drawHeat(context: CanvasRenderingContext2D, picture: HeatPicture): void {
  const { heat, cells, widthPx, heightPx, palette, theme, chosen } = picture;
  const gridPx = heightPx - AXIS_HEIGHT_PX;
  const columnPx = widthPx / Math.max(1, cells.columns);
  const rowPx = gridPx / CELL_ROWS;
  const gapPx = columnPx >= 6 ? 1 : 0;
  const colours = heatColours(theme);
  context.clearRect(0, 0, widthPx, heightPx);
  for (let column = 0; column < cells.columns; column++) {
    const x = column * columnPx;
    for (let row = 0; row < CELL_ROWS; row++) {
      const count = cells.counts[column * CELL_ROWS + row]!;
      const y = gridPx - (row + 1) * rowPx;
      if (count === NO_SLICE_DATA) continue;
      const step = count === 0 ? 0 : Math.ceil((count / cells.most) * (colours.length - 1));
      context.fillStyle = colours[step]!;
      context.fillRect(x, y, columnPx - gapPx, rowPx + 0.5);
    }
  }
  drawUnmeasured(context, picture, columnPx, rowPx);
  if (chosen !== null) {
    // What is not chosen is veiled; the stretch goes up one column and on at the foot of the next.
    context.fillStyle = palette.surface;
    context.globalAlpha = 0.65;
    for (let column = 0; column < cells.columns; column++) {
      const from = Math.min(CELL_ROWS, Math.max(0, chosen.from - column * CELL_ROWS));
      const to = Math.min(CELL_ROWS, Math.max(0, chosen.to - column * CELL_ROWS));
      const x = column * columnPx;
      context.fillRect(x, gridPx - from * rowPx, columnPx, from * rowPx);
      context.fillRect(x, 0, columnPx, (CELL_ROWS - Math.max(from, to)) * rowPx);
    }
    context.globalAlpha = 1;
    context.strokeStyle = palette.ring;
    context.lineWidth = 1.5;
    context.beginPath();
    const lastColumn = Math.min(cells.columns - 1, Math.floor((chosen.to - 1) / CELL_ROWS));
    for (let column = Math.max(0, Math.floor(chosen.from / CELL_ROWS)); column <= lastColumn; column++) {
      const from = Math.max(0, chosen.from - column * CELL_ROWS);
      const to = Math.min(CELL_ROWS, chosen.to - column * CELL_ROWS);
      context.rect(column * columnPx, gridPx - to * rowPx, columnPx - gapPx, (to - from) * rowPx);
    }
    context.stroke();
  }
  drawSeconds(context, picture, columnPx, gridPx, heat);
}

function drawUnmeasured(
  context: CanvasRenderingContext2D,
  { cells, palette }: HeatPicture,
  columnPx: number,
  rowPx: number,
): void {
  context.save();
  context.beginPath();
  let isAny = false;
  for (let cell = 0; cell < cells.counts.length; cell++) {
    if (cells.counts[cell] !== NO_SLICE_DATA) continue;
    isAny = true;
    const y = (CELL_ROWS - 1 - (cell % CELL_ROWS)) * rowPx;
    context.rect(Math.floor(cell / CELL_ROWS) * columnPx, y, columnPx, rowPx);
  }
  if (isAny) {
    context.clip();
    const gridPx = rowPx * CELL_ROWS;
    context.strokeStyle = palette.hatch;
    context.lineWidth = 1;
    context.beginPath();
    for (let x = -gridPx; x < columnPx * cells.columns; x += 6) {
      context.moveTo(x, gridPx);
      context.lineTo(x + gridPx, 0);
    }
    context.stroke();
  }
  context.restore();
}

function drawSeconds(
  context: CanvasRenderingContext2D,
  { cells, palette, heightPx, widthPx }: HeatPicture,
  columnPx: number,
  gridPx: number,
  heat: SliceHeat,
): void {
  context.font = `11px ${FRAME_FONT_FAMILY}`;
  context.textBaseline = 'alphabetic';
  context.fillStyle = palette.line;
  context.fillRect(0, gridPx, widthPx, 1);
  const every = Math.max(1, Math.ceil(TICK_EVERY_PX / Math.max(1, columnPx)));
  const firstSecond = heat.firstSlice / heat.slicesPerSecond;
  for (let column = 0; column < cells.columns; column++) {
    if ((firstSecond + column) % every !== 0) continue;
    const x = column * columnPx + columnPx / 2;
    const text = SECOND.format((firstSecond + column) * 1000);
    const textPx = context.measureText(text).width;
    context.fillStyle = palette.line;
    context.fillRect(x, gridPx, 1, 4);
    if (x - textPx / 2 < 0 || x + textPx / 2 > widthPx) continue;
    context.fillStyle = palette.dullInk;
    context.fillText(text, x - textPx / 2, heightPx - 3);
  }
}

const SECOND = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

function clockWithMs(atMs: number): string {
  return `${SECOND.format(atMs)}.${String(Math.floor(atMs % 1000)).padStart(3, '0')}`;
}
