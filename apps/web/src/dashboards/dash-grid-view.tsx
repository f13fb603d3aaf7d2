'use client';
/**
 * Owns the grid on the screen: panels lie where the dashboard says, and are moved and resized by pointer, touch and keyboard.
 * On a narrow window they lie in one column, in reading order, and moving changes the order.
 * Invariant: nothing is changed before the pointer lets go; Escape takes it back.
 */
import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactElement,
  type ReactNode,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import {
  bottomOf,
  type Direction,
  inReadingOrder,
  movePanel,
  resizePanel,
  stepInOrder,
  stepPanel,
} from './dash-grid';
import { type DashPanel, GAP_PX, GRID_COLUMNS, type Place, ROW_PX } from './dash-panel';

/** What a frame puts on the part that is dragged, and on its corner. */
export interface GripProps {
  onPointerDown: (event: PointerEvent<HTMLElement>) => void;
  onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  onBlur: () => void;
}

export interface DashGridViewProps {
  panels: readonly DashPanel[];
  isNarrow: boolean;
  /** @param step `amend` for a further key press on the same panel: one step back takes back all of them */
  onChange: (panels: readonly DashPanel[], words: string, step: 'go' | 'amend') => void;
  onRemove: (panel: DashPanel) => void;
  titleOf: (panel: DashPanel) => string;
  children: (panel: DashPanel, grips: { move: GripProps; resize: GripProps }) => ReactNode;
}

interface Drag {
  id: string;
  kind: 'move' | 'resize';
  /** Of the page, px. */
  fromX: number;
  fromY: number;
  dx: number;
  dy: number;
  /** Where all would be if it ended now. */
  preview: readonly DashPanel[];
}

/** Of the window, px. */
interface PointerAt {
  clientX: number;
  clientY: number;
}

interface DragActs {
  follow: (at: PointerAt) => void;
  drop: (at: PointerAt) => void;
  cancel: () => void;
}

/** Near an edge of the window, the page scrolls while a panel is dragged, px and px a frame. */
const EDGE_PX = 48;
const SCROLL_PX = 14;

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

export function DashGridView(props: DashGridViewProps): ReactElement {
  const { panels, isNarrow, children, titleOf } = props;
  const [drag, setDrag] = useState<Drag | null>(null);
  const grid = useRef<HTMLDivElement>(null);
  const keyed = useRef<string | null>(null);

  /** The drag as it is with the pointer here. */
  function dragTo({ clientX, clientY }: PointerAt): Drag | null {
    if (drag === null) return null;
    const dx = clientX + scrollX - drag.fromX;
    const dy = clientY + scrollY - drag.fromY;
    const width = grid.current?.clientWidth ?? 0;
    const columns = isNarrow ? 0 : Math.round(dx / ((width + GAP_PX) / GRID_COLUMNS));
    const rows = Math.round(dy / (ROW_PX + GAP_PX));
    return { ...drag, dx, dy, preview: toPreview(panels, drag, columns, rows, isNarrow) };
  }

  function drop(at: PointerAt): void {
    const last = dragTo(at);
    setDrag(null);
    if (last === null || isSameLayout(last.preview, panels)) return;
    props.onChange(last.preview, wordsOf(last.preview, last.id), 'go');
  }

  useWhileDragging(drag !== null, {
    follow: (at) => setDrag(dragTo(at)),
    drop,
    cancel: () => setDrag(null),
  });

  function wordsOf(next: readonly DashPanel[], id: string): string {
    const panel = next.find((one) => one.id === id);
    if (panel === undefined) return '';
    const name = titleOf(panel);
    if (!isNarrow)
      return `${name}: column ${panel.x + 1}, row ${panel.y + 1}, ${panel.w} wide, ${panel.h} high`;
    const place = inReadingOrder(next).findIndex((one) => one.id === id) + 1;
    return `${name}: ${place} of ${next.length}, ${panel.h} high`;
  }

  function start(event: PointerEvent<HTMLElement>, id: string, kind: Drag['kind']): void {
    if (event.button !== 0 || !event.isPrimary) return;
    // Keeps text from being selected; the grip still takes the focus, for the keys.
    event.preventDefault();
    event.currentTarget.focus();
    const [fromX, fromY] = [event.clientX + scrollX, event.clientY + scrollY];
    setDrag({ id, kind, fromX, fromY, dx: 0, dy: 0, preview: panels });
  }

  function press(event: KeyboardEvent<HTMLElement>, panel: DashPanel, kind: Drag['kind']): void {
    if (event.key === 'Delete' && kind === 'move') {
      event.preventDefault();
      props.onRemove(panel);
      return;
    }
    const direction = ARROWS[event.key];
    if (direction === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const isResize = kind === 'resize' || event.shiftKey;
    const next = isResize ? resizedBy(direction) : movedBy(direction);
    if (isSameLayout(next, panels)) return;
    props.onChange(next, wordsOf(next, panel.id), keyed.current === panel.id ? 'amend' : 'go');
    keyed.current = panel.id;
    const frame = event.currentTarget.closest<HTMLElement>('[data-panel]');
    requestAnimationFrame(() => frame?.scrollIntoView({ block: 'nearest' }));

    function movedBy(to: Direction): DashPanel[] {
      if (!isNarrow) return stepPanel(panels, panel.id, to);
      return to === 'up' || to === 'down' ? stepInOrder(panels, panel.id, to === 'up' ? -1 : 1) : [...panels];
    }
    function resizedBy(to: Direction): DashPanel[] {
      const w = to === 'left' ? -1 : to === 'right' ? 1 : 0;
      const h = to === 'up' ? -1 : to === 'down' ? 1 : 0;
      return isNarrow && w !== 0
        ? [...panels]
        : resizePanel(panels, panel.id, { w: panel.w + w, h: panel.h + h });
    }
  }

  function gripOf(panel: DashPanel, kind: Drag['kind']): GripProps {
    return {
      onPointerDown: (event) => start(event, panel.id, kind),
      onKeyDown: (event) => press(event, panel, kind),
      onBlur: () => {
        keyed.current = null;
      },
    };
  }

  const shown = drag?.preview ?? panels;
  const places = useMemo(() => toPlaces(shown, isNarrow), [shown, isNarrow]);
  const before = useMemo(() => toPlaces(panels, isNarrow), [panels, isNarrow]);
  const columns = isNarrow ? 1 : GRID_COLUMNS;
  const rows = [...places.values(), ...(drag === null ? [] : before.values())];
  return (
    <div
      ref={grid}
      data-grid=""
      className={`grid ${drag === null ? '' : 'select-none'}`}
      style={{
        gap: GAP_PX,
        gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
        gridTemplateRows: `repeat(${bottomOf(rows.map((place) => ({ ...place, id: '' })))}, ${ROW_PX}px)`,
      }}
    >
      {/* In reading order, so that the Tab key goes as the eye does. */}
      {inReadingOrder(panels).map((panel) => {
        const isMoved = drag?.id === panel.id && drag.kind === 'move';
        const place = isMoved ? before.get(panel.id)! : places.get(panel.id)!;
        return (
          <div
            key={panel.id}
            data-panel={panel.id}
            className={`min-h-0 min-w-0 ${isMoved ? 'pointer-events-none z-30 opacity-80 shadow-lg' : ''}`}
            style={{
              ...toArea(place),
              ...(isMoved ? { transform: `translate(${isNarrow ? 0 : drag.dx}px, ${drag.dy}px)` } : {}),
            }}
          >
            {children(panel, { move: gripOf(panel, 'move'), resize: gripOf(panel, 'resize') })}
          </div>
        );
      })}
      {drag !== null && (
        <div
          aria-hidden="true"
          className="pointer-events-none z-20 rounded-panel border-2 border-accent border-dashed"
          style={toArea(places.get(drag.id) ?? { x: 0, y: 0, w: 1, h: 1 })}
        />
      )}
    </div>
  );
}

/** Follows the pointer, wherever it goes, until it lets go; near an edge of the window the page scrolls along. */
function useWhileDragging(isDragging: boolean, acts: DragActs): void {
  const latest = useRef(acts);
  useEffect(() => {
    latest.current = acts;
  });
  useEffect(() => {
    if (!isDragging) return;
    let at: PointerAt | null = null;
    let frame = requestAnimationFrame(onFrame);

    function onFrame(): void {
      frame = requestAnimationFrame(onFrame);
      if (at === null) return;
      const before = scrollY;
      if (at.clientY < EDGE_PX) scrollBy(0, -SCROLL_PX);
      else if (at.clientY > innerHeight - EDGE_PX) scrollBy(0, SCROLL_PX);
      if (scrollY !== before) latest.current.follow(at);
    }
    function onMove(event: globalThis.PointerEvent): void {
      at = { clientX: event.clientX, clientY: event.clientY };
      latest.current.follow(at);
    }
    function onUp(event: globalThis.PointerEvent): void {
      latest.current.drop(event);
    }
    function onCancel(): void {
      latest.current.cancel();
    }
    function onKey(event: globalThis.KeyboardEvent): void {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      latest.current.cancel();
    }
    addEventListener('pointermove', onMove);
    addEventListener('pointerup', onUp);
    addEventListener('pointercancel', onCancel);
    addEventListener('keydown', onKey, true);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener('pointermove', onMove);
      removeEventListener('pointerup', onUp);
      removeEventListener('pointercancel', onCancel);
      removeEventListener('keydown', onKey, true);
    };
  }, [isDragging]);
}

function toPreview(
  panels: readonly DashPanel[],
  { id, kind }: Pick<Drag, 'id' | 'kind'>,
  columns: number,
  rows: number,
  isNarrow: boolean,
): readonly DashPanel[] {
  const panel = panels.find((one) => one.id === id);
  if (panel === undefined) return panels;
  if (kind === 'resize') return resizePanel(panels, id, { w: panel.w + columns, h: panel.h + rows });
  if (isNarrow) return toColumnOrder(panels, id, rows);
  return movePanel(panels, id, { x: panel.x + columns, y: panel.y + rows });
}

/** Where each panel lies on the screen, in cells of the grid that is shown. */
function toPlaces(panels: readonly DashPanel[], isNarrow: boolean): Map<string, Place> {
  if (!isNarrow) return new Map(panels.map((panel) => [panel.id, panel]));
  const places = new Map<string, Place>();
  let y = 0;
  for (const { id, h } of inReadingOrder(panels)) {
    places.set(id, { x: 0, y, w: 1, h });
    y += h;
  }
  return places;
}

/** In one column, where a panel comes to lie that was dragged by so many rows: past each whose middle it has passed. */
function toColumnOrder(panels: readonly DashPanel[], id: string, rows: number): readonly DashPanel[] {
  const step = rows < 0 ? -1 : 1;
  let left = Math.abs(rows);
  let moved = panels;
  for (let passed = 0; passed < panels.length; passed++) {
    const order = inReadingOrder(moved);
    const neighbour = order[order.findIndex((one) => one.id === id) + step];
    if (neighbour === undefined || left * 2 < neighbour.h) break;
    left -= neighbour.h;
    moved = stepInOrder(moved, id, step);
  }
  return moved;
}

function toArea({ x, y, w, h }: Place): { gridColumn: string; gridRow: string } {
  return { gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${h}` };
}

function isSameLayout(a: readonly DashPanel[], b: readonly DashPanel[]): boolean {
  return (
    a.length === b.length &&
    a.every((panel, index) => {
      const other = b[index]!;
      return panel.x === other.x && panel.y === other.y && panel.w === other.w && panel.h === other.h;
    })
  );
}
