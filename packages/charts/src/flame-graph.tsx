/**
 * Owns the flame graph on screen: what it is given, what it reports, and (through its neighbours) how it is drawn.
 *
 * Invariant: it keeps no state of the view. Zoom, selection and search come in as node ids of the given tree and go out
 * through callbacks; whoever owns the URL keeps them by path, so a live update that renumbers nodes moves nothing.
 */
import { boxAt, boxOf, type FlameTree, layoutFlame, NONE, type ValueUnit } from '@stallscope/profile';
import {
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
import { useCanvasSize } from './canvas-size.js';
import { changeOf, diffWidths, type FlameDiff } from './flame-diff.js';
import {
  depthAt,
  FlamePainter,
  type FlamePicture,
  type FlameViewport,
  ROW_HEIGHT_PX,
  rowsInContent,
  rowTopPx,
  viewBoxOf,
} from './flame-drawing.js';
import { type FocusStep, followNode, placeOf, stepFocus } from './flame-focus.js';
import { formatChange, formatPercent, formatValue } from './format.js';
import { LongPress } from './long-press.js';
import { paletteOf, type Theme } from './palette.js';
import { ROLE_WORDS, roleOf } from './role-words.js';
import { motionAt, motionBetween, ZOOM_MOTION_MS, type ZoomMotion } from './zoom-motion.js';

/** Where the root row is: `top` (icicle) suits deep stacks on pages that scroll, `bottom` is the traditional flame. */
export type RootAt = 'top' | 'bottom';

/** A place on the page in CSS pixels of the viewport (clientX, clientY): what a tooltip is placed by. */
export interface PagePoint {
  xPx: number;
  yPx: number;
}

export interface FlameGraphProps {
  tree: FlameTree;
  /** Drawn full width; its ancestors full width above it. 0, the root, is no zoom. An id outside the tree is read as 0. */
  zoomNode: number;
  /** Outlined; null for none. */
  selectedNode: number | null;
  /** Search result by node: 1 where the node matches. Absent: no search is on. */
  matched?: Uint8Array | undefined;
  theme: Theme;
  /** Default `top`. */
  rootAt?: RootAt | undefined;
  /** Of the tree's values; default `nanoseconds`. */
  unit?: ValueUnit | undefined;
  /** Colours, and if asked widths, tell what changed since a base. */
  diff?: FlameDiff | undefined;
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
  /** The frame under the pointer or, as it moves by key, under the focus; null when it is left. Called again after a live update. */
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
  'Arrow keys move between parent, children and siblings. Enter zooms in, Escape zooms out one level, M opens the menu of a frame, 0 shows all.';

export function FlameGraph(props: FlameGraphProps): ReactElement {
  const { tree, selectedNode, matched, theme, heightPx } = props;
  const rootAt = props.rootAt ?? 'top';
  const zoomNode = isNodeOf(tree, props.zoomNode) ? props.zoomNode : 0;
  const totalValue = props.totalValue ?? tree.totalValue[0] ?? 0;
  const palette = paletteOf(theme);
  const unit = props.unit ?? 'nanoseconds';
  const rootLabel = `${props.rootLabel ?? ROOT_LABEL} · ${formatValue(tree.totalValue[0] ?? 0, unit)}`;
  const { diff } = props;

  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const size = useCanvasSize(scroller);
  const values = useMemo(() => (diff === undefined ? tree.totalValue : diffWidths(tree, diff)), [tree, diff]);
  const layout = useMemo(
    () => layoutFlame(tree, { widthPx: size.widthPx, zoomNode, values }),
    [tree, size.widthPx, zoomNode, values],
  );
  const rows = rowsInContent(layout, size.heightPx, rootAt);

  const [focus, setFocus] = useState<Focus>({ tree, node: zoomNode, moves: 0 });
  const followed = focus.tree === tree ? focus.node : followNode(focus.tree, focus.node, tree);
  // A zoom can leave the focus outside what is drawn; it then starts again from the zoomed frame.
  const focusNode = boxOf(tree, layout, followed) === NONE ? zoomNode : followed;
  if (focus.tree !== tree || focus.node !== focusNode) setFocus({ ...focus, tree, node: focusNode });

  const picture: FlamePicture = {
    tree,
    layout,
    palette,
    background: props.background ?? palette.surface,
    rootLabel,
    matched,
    diff,
  };
  const screen = useRef<Screen | null>(null);
  screen.current ??= new Screen();

  useLayoutEffect(() => {
    const at = scroller.current;
    const base = canvas.current?.getContext('2d', { alpha: false });
    const over = overlay.current?.getContext('2d');
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
      ...size,
      onHover: props.onHover,
    });
  });
  useLayoutEffect(() => () => screen.current?.stop(), []);

  const moveFocus = (node: number, isByKey: boolean) => {
    if (node !== focusNode) setFocus({ tree, node, moves: focus.moves + 1 });
    screen.current?.focusMoved(node, isByKey);
  };
  const zoomTo = (node: number) => {
    if (node !== zoomNode) props.onZoom?.(node);
  };

  const menuKeyAtMs = useRef(Number.NEGATIVE_INFINITY);
  const press = useRef<LongPress | null>(null);
  const openMenu = (node: number, point: PagePoint | undefined) => {
    if (point === undefined) return;
    moveFocus(node, false);
    props.onSelect?.(node);
    props.onMenu?.(node, point);
  };
  const onContextMenu = (event: MouseEvent) => {
    if (props.onMenu === undefined) return;
    event.preventDefault();
    // The browser's own answer to a key or a long press that has been answered already.
    if (press.current?.isOver === true || event.timeStamp - menuKeyAtMs.current < MENU_KEY_ECHO_MS) return;
    const node = screen.current?.nodeUnder(event.clientX, event.clientY) ?? NONE;
    if (node !== NONE) openMenu(node, { xPx: event.clientX, yPx: event.clientY });
  };
  const onPointerDown = (event: PointerEvent) => {
    screen.current?.pressed(event.pointerType);
    press.current?.cancel();
    press.current = null;
    if (event.pointerType !== 'touch' || !event.isPrimary || props.onMenu === undefined) return;
    const at = { xPx: event.clientX, yPx: event.clientY };
    press.current = new LongPress(at, () => {
      const node = screen.current?.nodeUnder(at.xPx, at.yPx) ?? NONE;
      if (node !== NONE) openMenu(node, at);
    });
  };
  useLayoutEffect(() => () => press.current?.cancel(), []);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = stepOf(event.key, rootAt);
    if (step !== undefined) moveFocus(stepFocus(tree, layout, focusNode, step), true);
    else if (event.key === 'Enter') {
      props.onSelect?.(focusNode);
      zoomTo(focusNode);
    } else if (isMenuKey(event) && props.onMenu !== undefined) {
      menuKeyAtMs.current = event.timeStamp;
      openMenu(focusNode, screen.current?.pointOf(focusNode));
    } else if (event.key === '0') zoomTo(0);
    else if ((event.key === 'Escape' || event.key === 'Backspace') && zoomNode !== 0) {
      zoomTo(tree.parent[zoomNode]!);
    } else if (event.key === 'Escape' && selectedNode !== null) props.onSelect?.(null);
    // Nothing left to step out of: the key is the page's.
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const onClick = (event: MouseEvent) => {
    // The finger that opened a menu was lifted.
    if (press.current?.isOver === true) return;
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

  const onPointerMove = (event: PointerEvent) => {
    press.current?.moved({ xPx: event.clientX, yPx: event.clientY });
    if (event.pointerType !== 'touch') screen.current?.pointAt(event.clientX, event.clientY);
  };

  const id = useId();
  const itemId = `${id}-${focus.moves}`;
  return (
    <div
      ref={scroller}
      role="tree"
      tabIndex={0}
      aria-label={props.ariaLabel}
      aria-describedby={`${id}-help`}
      aria-activedescendant={itemId}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onDoubleClick={() => zoomTo(0)}
      onContextMenu={onContextMenu}
      onPointerDown={onPointerDown}
      onPointerUp={() => press.current?.cancel()}
      onPointerCancel={() => press.current?.cancel()}
      onPointerMove={onPointerMove}
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
        userSelect: 'none',
        WebkitUserSelect: 'none',
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
        totalValue={totalValue}
        unit={unit}
        diff={diff}
        rootLabel={rootLabel}
        selectedNode={selectedNode}
      />
      <span id={`${id}-help`} style={HIDDEN_STYLE}>
        {HELP}
      </span>
    </div>
  );
}

/** A menu key makes the browser ask for a menu of its own within this time. */
const MENU_KEY_ECHO_MS = 500;

/** Of which tree the node is one; `moves` counts the reader's own steps, so that only these are read out. */
interface Focus {
  tree: FlameTree;
  node: number;
  moves: number;
}

/** The one item of the tree that a screen reader is shown: the canvas holds the others. */
function FocusedItem(props: {
  id: string;
  tree: FlameTree;
  node: number;
  zoomNode: number;
  selectedNode: number | null;
  totalValue: number;
  unit: ValueUnit;
  diff: FlameDiff | undefined;
  rootLabel: string;
}): ReactElement {
  const { tree, node, totalValue, diff } = props;
  const place = placeOf(tree, node);
  const value = tree.totalValue[node]!;
  const words = [
    node === 0 ? props.rootLabel : tree.labels[tree.label[node]!],
    node === 0
      ? undefined
      : `${tree.unnamed[node] === 0 ? '' : 'unnamed '}${ROLE_WORDS[roleOf(tree.role[node]!)]}`,
    node === 0 ? undefined : formatValue(value, props.unit),
    totalValue > 0 ? formatPercent(value / totalValue) : undefined,
    diff === undefined ? undefined : `change ${formatChange(changeOf(tree, diff, node), props.unit)}`,
    node === props.zoomNode && node !== 0 ? 'zoomed' : undefined,
  ];
  return (
    <div
      id={props.id}
      role="treeitem"
      tabIndex={-1}
      aria-level={place.level}
      aria-posinset={place.position}
      aria-setsize={place.siblings}
      aria-selected={node === props.selectedNode}
      {...(place.hasChildren ? { 'aria-expanded': true } : {})}
      style={HIDDEN_STYLE}
    >
      {words.filter((word) => word !== undefined).join(', ')}
    </div>
  );
}

const CANVAS_STYLE = { position: 'absolute', top: 0, left: 0, pointerEvents: 'none' } as const;
/** Read but not seen; `display: none` would be neither. */
const HIDDEN_STYLE = {
  position: 'absolute',
  width: 1,
  height: 1,
  overflow: 'hidden',
  clipPath: 'inset(50%)',
  whiteSpace: 'nowrap',
  top: 0,
  left: 0,
} as const;

interface Shown {
  scroller: HTMLDivElement;
  base: CanvasRenderingContext2D;
  over: CanvasRenderingContext2D;
  picture: FlamePicture;
  zoomNode: number;
  selectedNode: number | null;
  focusNode: number;
  rows: number;
  rootAt: RootAt;
  widthPx: number;
  heightPx: number;
  pixelRatio: number;
  onHover: FlameGraphProps['onHover'];
}

/**
 * What is on the canvases now, and what moves without React: pointer, scroll, the zoom's short motion. A render hands it
 * the newest picture; between renders it repaints by itself, the overlay alone where only outlines changed.
 */
class Screen {
  pointerType = 'mouse';
  private readonly painter = new FlamePainter();
  private shown: Shown | undefined;
  /** Where the pointer is, while it is over the graph. */
  private pointer: PagePoint | undefined;
  /** The frame last reported as hovered; NONE after null was reported. */
  private hovered = NONE;
  private hasVisibleFocus = false;
  /** The hovered frame is the one of the keyboard. */
  private isHoverByKey = false;
  private motion: { motion: ZoomMotion; startMs: number } | undefined;
  private frame = 0;

  show(next: Shown): void {
    const before = this.shown;
    this.shown = next;
    const isSameSpace = before?.picture.tree === next.picture.tree && before.widthPx === next.widthPx;
    if (!isSameSpace) this.motion = undefined;
    else if (before.zoomNode !== next.zoomNode) this.startMotion(before, next);
    this.keepDistanceFromRoot(before, next);
    const isSamePicture =
      isSameSpace &&
      before.picture.layout === next.picture.layout &&
      before.picture.palette === next.picture.palette &&
      before.picture.background === next.picture.background &&
      before.picture.rootLabel === next.picture.rootLabel &&
      before.picture.matched === next.picture.matched &&
      before.picture.diff === next.picture.diff &&
      before.heightPx === next.heightPx &&
      before.pixelRatio === next.pixelRatio &&
      before.rootAt === next.rootAt;
    if (!isSamePicture) this.paint();
    else this.paintOutlines();
    // What lies under a resting pointer changes with the picture.
    if (before !== undefined && before.picture.layout !== next.picture.layout) this.hoverAgain();
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.motion = undefined;
  }

  pressed(pointerType: string): void {
    this.pointerType = pointerType;
    this.hasVisibleFocus = false;
    this.paintOutlines();
  }

  focused(isVisible: boolean): void {
    this.hasVisibleFocus = isVisible;
    if (!isVisible && this.isHoverByKey) this.pointAway();
    this.paintOutlines();
  }

  /** The reader moved the focus; by key, it is followed and reported as hovered. */
  focusMoved(node: number, isByKey: boolean): void {
    const { shown } = this;
    if (shown === undefined || !isByKey) return;
    this.hasVisibleFocus = true;
    const box = boxOf(shown.picture.tree, shown.picture.layout, node);
    if (box === NONE) return;
    const viewport = this.viewport(shown);
    const topPx = rowTopPx(viewport, shown.picture.layout.depth[box]!);
    // A row of its neighbours stays in sight on either side.
    const aboveVisiblePx = topPx - ROW_HEIGHT_PX;
    const belowVisiblePx = topPx + 2 * ROW_HEIGHT_PX - shown.heightPx;
    if (aboveVisiblePx < 0) shown.scroller.scrollTop += aboveVisiblePx;
    else if (belowVisiblePx > 0) shown.scroller.scrollTop += belowVisiblePx;
    this.isHoverByKey = true;
    this.pointer = undefined;
    this.hovered = node;
    shown.onHover?.(node, this.pointBelow(shown, box));
    this.paint();
  }

  pointAt(clientX: number, clientY: number): void {
    const { shown } = this;
    if (shown === undefined) return;
    this.isHoverByKey = false;
    this.pointer = { xPx: clientX, yPx: clientY };
    const node = this.nodeUnder(clientX, clientY);
    const isSame = node === this.hovered;
    this.hovered = node;
    if (node !== NONE) shown.onHover?.(node, this.pointer);
    else if (!isSame) shown.onHover?.(null, this.pointer);
    if (!isSame) this.paintOutlines();
  }

  pointAway(): void {
    const wasHovered = this.hovered !== NONE;
    const point = this.pointer ?? { xPx: 0, yPx: 0 };
    this.pointer = undefined;
    this.hovered = NONE;
    this.isHoverByKey = false;
    if (wasHovered) this.shown?.onHover?.(null, point);
    this.paintOutlines();
  }

  scrolled(): void {
    this.paint();
    this.hoverAgain();
  }

  /** The node drawn at a place of the page, or NONE. */
  nodeUnder(clientX: number, clientY: number): number {
    const { shown } = this;
    if (shown === undefined) return NONE;
    const { left, top } = shown.scroller.getBoundingClientRect();
    const { layout } = shown.picture;
    const box = boxAt(layout, clientX - left, depthAt(this.viewport(shown), clientY - top));
    return box === NONE ? NONE : layout.node[box]!;
  }

  /** Where a menu of the node belongs: below its box, or undefined where it is not drawn. */
  pointOf(node: number): PagePoint | undefined {
    const { shown } = this;
    if (shown === undefined) return undefined;
    const box = boxOf(shown.picture.tree, shown.picture.layout, node);
    return box === NONE ? undefined : this.pointBelow(shown, box);
  }

  private hoverAgain(): void {
    const { shown, pointer } = this;
    if (shown === undefined) return;
    if (pointer !== undefined) this.pointAt(pointer.xPx, pointer.yPx);
    else if (this.isHoverByKey) {
      const box = boxOf(shown.picture.tree, shown.picture.layout, shown.focusNode);
      if (box === NONE) return;
      this.hovered = shown.focusNode;
      shown.onHover?.(shown.focusNode, this.pointBelow(shown, box));
      this.paintOutlines();
    }
  }

  private pointBelow(shown: Shown, box: number): PagePoint {
    const { left, top } = shown.scroller.getBoundingClientRect();
    const { xPx, yPx, widthPx, heightPx } = viewBoxOf(shown.picture.layout, this.viewport(shown), box);
    return { xPx: left + xPx + widthPx / 2, yPx: top + yPx + heightPx };
  }

  /** With the root at the bottom, rows that come and go at the top must not move what is looked at. */
  private keepDistanceFromRoot(before: Shown | undefined, next: Shown): void {
    if (next.rootAt !== 'bottom') return;
    const contentPx = next.rows * ROW_HEIGHT_PX;
    if (before === undefined || before.rootAt !== 'bottom' || before.heightPx === 0) {
      next.scroller.scrollTop = contentPx - next.heightPx;
      return;
    }
    const fromBottomPx = before.rows * ROW_HEIGHT_PX - before.heightPx - this.lastScrollTopPx;
    if (before.rows !== next.rows || before.heightPx !== next.heightPx) {
      next.scroller.scrollTop = contentPx - next.heightPx - fromBottomPx;
    }
  }

  private lastScrollTopPx = 0;

  private startMotion(before: Shown, next: Shown): void {
    this.motion = undefined;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const motion = motionBetween(
      next.picture.tree,
      before.picture.layout,
      before.zoomNode,
      next.picture.layout,
      next.zoomNode,
      next.widthPx,
    );
    if (motion === undefined) return;
    this.motion = { motion, startMs: performance.now() };
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(this.step);
  }

  private readonly step = (): void => {
    this.frame = 0;
    if (this.motion === undefined) return;
    if (performance.now() - this.motion.startMs >= ZOOM_MOTION_MS) this.motion = undefined;
    this.paint();
    if (this.motion !== undefined) this.frame = requestAnimationFrame(this.step);
  };

  private viewport(shown: Shown): FlameViewport {
    const moved =
      this.motion === undefined
        ? { scale: 1, shiftPx: 0 }
        : motionAt(this.motion.motion, performance.now() - this.motion.startMs);
    return {
      widthPx: shown.widthPx,
      heightPx: shown.heightPx,
      scrollTopPx: shown.scroller.scrollTop,
      rowsInContent: shown.rows,
      rootAt: shown.rootAt,
      pixelRatio: shown.pixelRatio,
      ...moved,
      transformFrom: shown.picture.layout.ancestorRows,
    };
  }

  private paint(): void {
    const { shown } = this;
    if (shown === undefined) return;
    const { base, over, widthPx, heightPx, pixelRatio } = shown;
    for (const { canvas } of [base, over]) {
      const width = Math.max(1, Math.round(widthPx * pixelRatio));
      const height = Math.max(1, Math.round(heightPx * pixelRatio));
      // Setting a size clears and reallocates, even to the same value.
      if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width;
        canvas.height = height;
        canvas.style.width = `${widthPx}px`;
        canvas.style.height = `${heightPx}px`;
      }
    }
    this.lastScrollTopPx = shown.scroller.scrollTop;
    this.painter.paint(base, shown.picture, this.viewport(shown));
    this.paintOutlines();
  }

  private paintOutlines(): void {
    const { shown } = this;
    if (shown === undefined) return;
    const { tree, layout } = shown.picture;
    const boxIn = (node: number | null) => (node === null ? NONE : boxOf(tree, layout, node));
    this.painter.paintOutlines(shown.over, shown.picture, this.viewport(shown), {
      hovered: this.isHoverByKey ? NONE : boxIn(this.hovered),
      selected: boxIn(shown.selectedNode),
      focused: this.hasVisibleFocus ? boxIn(shown.focusNode) : NONE,
    });
  }
}

function stepOf(key: string, rootAt: RootAt): FocusStep | undefined {
  switch (key) {
    case 'ArrowDown':
      return rootAt === 'top' ? 'child' : 'parent';
    case 'ArrowUp':
      return rootAt === 'top' ? 'parent' : 'child';
    case 'ArrowLeft':
      return 'previous';
    case 'ArrowRight':
      return 'next';
    case 'Home':
      return 'first';
    case 'End':
      return 'last';
    default:
      return undefined;
  }
}

function isMenuKey({ key, shiftKey }: KeyboardEvent): boolean {
  return key === 'm' || key === 'ContextMenu' || (key === 'F10' && shiftKey);
}

function isNodeOf(tree: FlameTree, node: number): boolean {
  return Number.isInteger(node) && node >= 0 && node < tree.nodeCount;
}
