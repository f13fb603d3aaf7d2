/**
 * Owns the flame graph on screen: what it is given, what it reports, and (through its neighbours) how it is drawn.
 *
 * Invariant: it keeps no state of the view that a link would have to carry. Zoom, selection and search come in as node ids
 * of the given tree and go out through callbacks; whoever owns the URL keeps them by path, so a live update that renumbers
 * nodes moves nothing. Its own are the keyboard's focus and how far the zoomed row is stretched: a look closer.
 */

import { type FlameTree, layoutFlame, MIN_WIDTH_PX, NONE, type ValueUnit } from '@stallscope/profile';
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type ReactElement,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { contextOf } from './canvas-context.js';
import { useCanvasSize } from './canvas-size.js';
import { type FlameDiff, widthsOf } from './flame-diff.js';
import { type FlamePicture, FRAME_FONT_FAMILY, ROW_HEIGHT_PX, rowsInContent } from './flame-drawing.js';
import { type FocusSpace, followNode, nearestDrawn, partOf, stepFocus } from './flame-focus.js';
import { FlameGestures } from './flame-gestures.js';
import { keyActOf } from './flame-keys.js';
import type { FlameOwners } from './flame-owners.js';
import { FlameScreen, type PagePoint } from './flame-screen.js';
import { type FlameSpan, isWhole, magnify, reveal, shift, WHOLE_SPAN } from './flame-span.js';
import type { WordsOptions } from './flame-words.js';
import { FocusedItem, HIDDEN_STYLE } from './focused-item.js';
import { formatValue } from './format.js';
import type { NameLength } from './frame-text.js';
import { type Palette, paletteOf, type Theme, type Tone } from './palette.js';

/** Where the root row is: `top` (icicle) suits deep stacks on pages that scroll, `bottom` is the traditional flame. */
export type RootAt = 'top' | 'bottom';

export interface FlameGraphProps {
  tree: FlameTree;
  /** Drawn full width; its ancestors full width above it. 0, the root, is no zoom. An id outside the tree is read as 0. */
  zoomNode: number;
  /** Outlined; null for none. */
  selectedNode: number | null;
  /** Search result by node: 1 where the node matches. Absent: no search is on. */
  matched?: Uint8Array | undefined;
  theme: Theme;
  /** Default that of waits. */
  tone?: Tone | undefined;
  /** Default `top`. */
  rootAt?: RootAt | undefined;
  /** Of the tree's values; default `nanoseconds`. */
  unit?: ValueUnit | undefined;
  /** Colours, and if asked widths, tell what changed since a base. */
  diff?: FlameDiff | undefined;
  /** Colours tell whose the time is; a difference comes before it. */
  owners?: FlameOwners | undefined;
  /** `short` leaves out what templates and generics add; tooltip and screen reader have the whole. Default `whole`. */
  names?: NameLength | undefined;
  /** What shares are shares of; default is the root's total. */
  totalValue?: number | undefined;
  /** Names the graph for a screen reader, such as `Off-CPU flame graph of web-1`. */
  ariaLabel: string;
  /** Words for the root row; default `all`. */
  rootLabel?: string | undefined;
  /** Height of the viewport that the graph scrolls in; absent, it fills its parent (which must have a height). */
  heightPx?: number | undefined;
  /** CSS colour behind the frames; default is the theme's own surface. */
  background?: string | undefined;
  /** A small tooltip with name, value and shares; default true. */
  hasTooltip?: boolean | undefined;
  /** Id of what tells the same to a screen reader in full, such as the call tree. */
  ariaDetails?: string | undefined;
  /** The frame that has come under the pointer or, as it moves by key, the focus; null when it is left. Called again after a live update. */
  onHover?: ((node: number | null, point: PagePoint) => void) | undefined;
  /** Click, Enter or tap on a frame; null for a click beside all frames. */
  onSelect?: ((node: number | null) => void) | undefined;
  /** Zoom asked for: by click, second tap, Enter (the frame), Escape, Backspace (one level out), `0`, double click (0). */
  onZoom?: ((node: number) => void) | undefined;
  /**
   * A menu of the frame asked for, by right click, long press or key (`m`, the menu key, Shift F10), at that point of the
   * page. The frame has been reported as selected before. Absent, the browser's own menu comes.
   */
  onMenu?: ((node: number, point: PagePoint) => void) | undefined;
}

/** Words that name the root row where none are given. */
const ROOT_LABEL = 'all';
const HELP =
  'Arrow keys move between parent, children and siblings. Enter zooms in, Escape zooms out one level, plus and minus stretch, M opens the menu of a frame, 0 shows all.';
/** A menu key makes the browser ask for a menu of its own within this time. */
const MENU_KEY_ECHO_MS = 500;

/** Of which tree the nodes are; `moves` counts the reader's own steps, so that only these are read out. */
interface Place {
  tree: FlameTree;
  zoomNode: number;
  focusNode: number;
  span: FlameSpan;
  moves: number;
}

export function FlameGraph(props: FlameGraphProps): ReactElement {
  const { tree, selectedNode, matched, theme, heightPx, diff, owners } = props;
  const rootAt = props.rootAt ?? 'top';
  const zoomNode = isNodeOf(tree, props.zoomNode) ? props.zoomNode : 0;
  const palette = paletteOf(theme, props.tone);
  const unit = props.unit ?? 'nanoseconds';
  const rootLabel = `${props.rootLabel ?? ROOT_LABEL} · ${formatValue(tree.totalValue[0] ?? 0, unit)}`;
  const words: WordsOptions = {
    rootLabel,
    totalValue: props.totalValue ?? tree.totalValue[0] ?? 0,
    unit,
    diff,
    owners,
  };

  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const tooltip = useRef<HTMLDivElement>(null);
  const size = useCanvasSize(scroller);
  const values = useMemo(() => (diff === undefined ? tree.totalValue : widthsOf(tree, diff)), [tree, diff]);

  const [place, setPlace] = useState<Place>({
    tree,
    zoomNode,
    focusNode: zoomNode,
    span: WHOLE_SPAN,
    moves: 0,
  });
  const span = isSameZoom(place, tree, zoomNode) ? place.span : WHOLE_SPAN;
  const space: FocusSpace = {
    tree,
    values,
    zoomNode,
    leastValue: leastValueDrawn(values[zoomNode]!, span, size.widthPx),
  };
  const focusNode = nearestDrawn(
    space,
    place.tree === tree ? place.focusNode : followNode(place.tree, place.focusNode, tree),
  );
  if (
    place.tree !== tree ||
    place.zoomNode !== zoomNode ||
    place.focusNode !== focusNode ||
    place.span !== span
  ) {
    setPlace({ tree, zoomNode, focusNode, span, moves: place.moves });
  }

  const layout = useMemo(
    () => layoutFlame(tree, { widthPx: size.widthPx, zoomNode, values, ...span }),
    [tree, size.widthPx, zoomNode, values, span],
  );
  // Rows that leave the view as a stretched graph is moved must not move the scroll.
  const kept = useRef({ tree, rows: 0 });
  const rows = Math.max(
    rowsInContent(layout, size.heightPx, rootAt),
    kept.current.tree === tree && !isWhole(span) ? kept.current.rows : 0,
  );

  const picture: FlamePicture = {
    tree,
    layout,
    palette,
    background: props.background ?? palette.surface,
    rootLabel,
    matched,
    diff,
    owners,
    names: props.names,
  };
  const screen = useRef<FlameScreen | null>(null);
  screen.current ??= new FlameScreen();

  useLayoutEffect(() => {
    kept.current = { tree, rows };
    const at = scroller.current;
    const base = contextOf(canvas.current, { alpha: false });
    const over = contextOf(overlay.current);
    if (at === null || base == null || over == null || screen.current === null) return;
    screen.current.show({
      scroller: at,
      base,
      over,
      picture,
      zoomNode,
      selectedNode,
      focusNode,
      rows,
      rootAt,
      span,
      words,
      tooltip: props.hasTooltip === false ? undefined : (tooltip.current ?? undefined),
      ...size,
      onHover: props.onHover,
    });
  });

  const stretch = (change: (before: FlameSpan) => FlameSpan) => {
    screen.current?.hideTooltip();
    setPlace((before) => {
      const next = change(before.span);
      return next === before.span ? before : { ...before, span: next };
    });
  };
  const moveFocus = (node: number, isByKey: boolean) => {
    if (node !== focusNode) {
      const next = isByKey ? reveal(span, partOf(space, node)) : span;
      setPlace({ tree, zoomNode, focusNode: node, span: next, moves: place.moves + 1 });
    }
    screen.current?.focusMoved(node, isByKey);
  };
  const zoomTo = (node: number) => {
    stretch(() => WHOLE_SPAN);
    if (node !== zoomNode) props.onZoom?.(node);
  };
  const openMenu = (node: number, point: PagePoint | undefined) => {
    if (point === undefined) return;
    screen.current?.hideTooltip();
    moveFocus(node, false);
    props.onSelect?.(node);
    props.onMenu?.(node, point);
  };
  const shareAt = (clientX: number) => {
    const left = scroller.current?.getBoundingClientRect().left ?? 0;
    return Math.min(1, Math.max(0, (clientX - left) / Math.max(1, size.widthPx)));
  };
  /** Left to right 0 to 1: where the focus is in view, else the middle. */
  const shareOfFocus = () => {
    const part = partOf(space, focusNode);
    const share = ((part.from + part.to) / 2 - span.from) / (span.to - span.from);
    return share >= 0 && share <= 1 ? share : 0.5;
  };

  const acts = {
    onPan(xPx: number, yPx: number) {
      screen.current?.hideTooltip();
      if (yPx !== 0) screen.current?.scrollBy(-yPx);
      if (xPx !== 0 && !isWhole(span)) stretch((before) => shift(before, -xPx / Math.max(1, size.widthPx)));
    },
    onMagnify(clientX: number, factor: number) {
      const share = shareAt(clientX);
      stretch((before) => magnify(before, share, factor));
    },
    onLongPress:
      props.onMenu === undefined
        ? undefined
        : (clientX: number, clientY: number) => {
            const node = screen.current?.nodeUnder(clientX, clientY) ?? NONE;
            if (node !== NONE) openMenu(node, { xPx: clientX, yPx: clientY });
          },
  };
  const latestActs = useRef(acts);
  useLayoutEffect(() => {
    latestActs.current = acts;
  });
  const [gestures] = useState(() => new FlameGestures(() => latestActs.current));
  useLayoutEffect(() => {
    const at = scroller.current;
    // React listens to wheels passively, and the page must not zoom with the graph.
    const onWheel = (event: WheelEvent) => {
      if (gestures.wheel(event)) event.preventDefault();
    };
    at?.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      at?.removeEventListener('wheel', onWheel);
      gestures.stop();
      screen.current?.stop();
    };
  }, [gestures]);

  const menuKeyAtMs = useRef(Number.NEGATIVE_INFINITY);
  const onKeyDown = (event: KeyboardEvent) => {
    const asked = keyActOf(event, rootAt);
    switch (asked?.act) {
      case 'step':
        moveFocus(stepFocus(space, focusNode, asked.step), true);
        break;
      case 'zoom':
        props.onSelect?.(focusNode);
        zoomTo(focusNode);
        break;
      case 'magnify': {
        const share = shareOfFocus();
        stretch((before) => magnify(before, share, asked.factor));
        break;
      }
      case 'shift':
        if (isWhole(span)) return;
        stretch((before) => shift(before, asked.byShare));
        break;
      case 'show-all':
        zoomTo(0);
        break;
      case 'menu':
        if (props.onMenu === undefined) return;
        menuKeyAtMs.current = event.timeStamp;
        openMenu(focusNode, screen.current?.pointOf(focusNode));
        break;
      case 'step-out':
        if (!isWhole(span)) stretch(() => WHOLE_SPAN);
        else if (zoomNode !== 0) zoomTo(tree.parent[zoomNode]!);
        else if (event.key === 'Escape' && selectedNode !== null) props.onSelect?.(null);
        // Nothing left to step out of: the key is the page's.
        else return;
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const onClick = (event: MouseEvent) => {
    if (gestures.isSpent) return;
    const node = screen.current?.nodeUnder(event.clientX, event.clientY) ?? NONE;
    if (node === NONE) {
      props.onSelect?.(null);
      return;
    }
    const isFirstTap = screen.current?.pointerType === 'touch' && node !== selectedNode;
    moveFocus(node, false);
    props.onSelect?.(node);
    if (!isFirstTap) zoomTo(node);
  };
  const onContextMenu = (event: MouseEvent) => {
    if (props.onMenu === undefined) return;
    event.preventDefault();
    // The browser's own answer to a key or a long press that has been answered already.
    if (gestures.wasLongPress || event.timeStamp - menuKeyAtMs.current < MENU_KEY_ECHO_MS) return;
    const node = screen.current?.nodeUnder(event.clientX, event.clientY) ?? NONE;
    if (node !== NONE) openMenu(node, { xPx: event.clientX, yPx: event.clientY });
  };
  const onPointerDown = (event: PointerEvent) => {
    screen.current?.pressed(event.pointerType);
    gestures.down(event);
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const wasMoving = gestures.isMoving;
    gestures.move(event);
    if (gestures.isMoving) {
      // Kept while it leaves the graph; taken late, as a captured click has lost its target.
      if (!wasMoving) event.currentTarget.setPointerCapture(event.pointerId);
    } else if (event.pointerType !== 'touch') screen.current?.pointAt(event.clientX, event.clientY);
  };

  const id = useId();
  const itemId = `${id}-${place.moves}`;
  return (
    <div
      ref={scroller}
      role="tree"
      tabIndex={0}
      aria-label={props.ariaLabel}
      aria-describedby={`${id}-help`}
      aria-details={props.ariaDetails}
      aria-activedescendant={itemId}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onDoubleClick={() => zoomTo(0)}
      onContextMenu={onContextMenu}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={(event) => gestures.up(event)}
      onPointerCancel={(event) => gestures.up(event)}
      onPointerLeave={() => screen.current?.pointAway()}
      onScroll={() => screen.current?.scrolled()}
      onFocus={(event) => screen.current?.focused(event.currentTarget.matches(':focus-visible'))}
      onBlur={() => screen.current?.focused(false)}
      style={{
        position: 'relative',
        overflowX: 'hidden',
        overflowY: 'auto',
        scrollbarGutter: 'stable',
        scrollbarWidth: 'thin',
        scrollbarColor: `${palette.barQuiet} transparent`,
        colorScheme: theme,
        height: heightPx ?? '100%',
        background: picture.background,
        outline: 'none',
        cursor: 'default',
        // Fingers scroll the rows; sideways and pinching are the graph's.
        touchAction: 'pan-y',
        userSelect: 'none',
        WebkitUserSelect: 'none',
        WebkitTouchCallout: 'none',
      }}
    >
      <div style={{ height: rows * ROW_HEIGHT_PX, minHeight: '100%' }}>
        <div aria-hidden="true" style={{ position: 'sticky', top: 0, height: size.heightPx }}>
          <canvas ref={canvas} style={CANVAS_STYLE} />
          <canvas ref={overlay} style={CANVAS_STYLE} />
        </div>
      </div>
      <FocusedItem
        id={itemId}
        tree={tree}
        node={focusNode}
        zoomNode={zoomNode}
        selectedNode={selectedNode}
        options={words}
      />
      <span id={`${id}-help`} style={HIDDEN_STYLE}>
        {HELP}
      </span>
      <div ref={tooltip} role="tooltip" aria-hidden="true" style={tooltipStyle(palette)}>
        <div style={TOOLTIP_NAME_STYLE} />
        <div style={{ fontVariantNumeric: 'tabular-nums' }} />
        <div style={{ fontVariantNumeric: 'tabular-nums' }} />
        <div style={{ fontVariantNumeric: 'tabular-nums', overflowWrap: 'anywhere' }} />
        <div style={{ color: palette.dullInk, overflowWrap: 'anywhere' }} />
      </div>
    </div>
  );
}

/** A stretch lasts as long as the zoom that it was made in, by path: numbers change with every update. */
function isSameZoom(place: Place, tree: FlameTree, zoomNode: number): boolean {
  if (place.tree === tree) return place.zoomNode === zoomNode;
  return isWhole(place.span) || followNode(place.tree, place.zoomNode, tree) === zoomNode;
}

/** Of a frame as wide as a box has to be, at this zoom and stretch. */
function leastValueDrawn(zoomValue: number, { from, to }: FlameSpan, widthPx: number): number {
  if (widthPx === 0) return Number.POSITIVE_INFINITY;
  return Math.max((MIN_WIDTH_PX / widthPx) * (to - from) * zoomValue, Number.MIN_VALUE);
}

function isNodeOf(tree: FlameTree, node: number): boolean {
  return Number.isInteger(node) && node >= 0 && node < tree.nodeCount;
}

const CANVAS_STYLE = { position: 'absolute', top: 0, left: 0, pointerEvents: 'none' } as const;

/** Lines of a name that a tooltip shows; the details have it whole. */
const TOOLTIP_NAME_STYLE = {
  fontFamily: FRAME_FONT_FAMILY,
  fontWeight: 600,
  overflowWrap: 'anywhere',
  display: '-webkit-box',
  WebkitBoxOrient: 'vertical',
  WebkitLineClamp: 4,
  overflow: 'hidden',
} as const;

function tooltipStyle(palette: Palette): CSSProperties {
  return {
    position: 'fixed',
    top: 0,
    left: 0,
    zIndex: 40,
    visibility: 'hidden',
    pointerEvents: 'none',
    maxWidth: 'min(30rem, calc(100vw - 16px))',
    padding: '4px 8px',
    fontSize: 12,
    lineHeight: '16px',
    textAlign: 'left',
    color: palette.ink,
    background: palette.surface,
    border: `1px solid ${palette.line}`,
    borderRadius: 4,
    boxShadow: '0 2px 8px rgb(0 0 0 / 0.25)',
  };
}
