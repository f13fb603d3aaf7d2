/**
 * Owns what is on the canvases now, and what moves without React: pointer, scroll, tooltip, the zoom's short motion. A
 * render hands it the newest picture; between renders it repaints by itself, the overlay alone where only outlines changed.
 */
import { boxAt, boxOf, NONE } from '@stallscope/profile';
import {
  depthAt,
  FlamePainter,
  type FlamePicture,
  type FlameViewport,
  ROW_HEIGHT_PX,
  rowTopPx,
  viewBoxOf,
} from './flame-drawing.js';
import { type FlameSpan, isWhole } from './flame-span.js';
import { FlameTooltip } from './flame-tooltip.js';
import { frameWords, type WordsOptions } from './flame-words.js';
import { motionAt, motionBetween, ZOOM_MOTION_MS, type ZoomMotion } from './zoom-motion.js';

/** A place on the page in CSS pixels of the viewport (clientX, clientY): what a menu is placed by. */
export interface PagePoint {
  xPx: number;
  yPx: number;
}

/** Rows of the callers that stay in sight above a frame that is zoomed to from elsewhere. */
const ZOOM_MARGIN_ROWS = 2;
/** Rows below it that have to be in sight, where there are as many. */
const ZOOM_CONTENT_ROWS = 6;
/** The bar that tells which part of a stretched row is in view. */
const SPAN_BAR_HEIGHT_PX = 4;
const LEAST_SPAN_BAR_PX = 16;

export interface Shown {
  scroller: HTMLDivElement;
  base: CanvasRenderingContext2D;
  over: CanvasRenderingContext2D;
  picture: FlamePicture;
  zoomNode: number;
  selectedNode: number | null;
  focusNode: number;
  rows: number;
  rootAt: 'top' | 'bottom';
  span: FlameSpan;
  words: WordsOptions;
  /** Undefined where none is wanted. */
  tooltip: HTMLElement | undefined;
  widthPx: number;
  heightPx: number;
  pixelRatio: number;
  onHover: ((node: number | null, point: PagePoint) => void) | undefined;
}

export class FlameScreen {
  pointerType = 'mouse';
  private readonly painter = new FlamePainter();
  private readonly tooltip = new FlameTooltip();
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
    const isFirst = before === undefined || before.heightPx === 0;
    const isOtherZoom = isFirst || (isSameSpace && before.zoomNode !== next.zoomNode);
    if (isOtherZoom && next.zoomNode !== 0) this.scrollToZoom(next);
    const isSamePicture =
      isSameSpace &&
      before.picture.layout === next.picture.layout &&
      before.picture.palette === next.picture.palette &&
      before.picture.background === next.picture.background &&
      before.picture.rootLabel === next.picture.rootLabel &&
      before.picture.matched === next.picture.matched &&
      before.picture.diff === next.picture.diff &&
      before.picture.names === next.picture.names &&
      before.heightPx === next.heightPx &&
      before.pixelRatio === next.pixelRatio &&
      before.rootAt === next.rootAt;
    if (!isSamePicture) this.paint();
    else this.paintOutlines();
    // What lies under a resting pointer changes with the picture.
    if (before !== undefined && before.picture.layout !== next.picture.layout) this.hoverAgain();
  }

  stop(): void {
    this.tooltip.hide();
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.motion = undefined;
  }

  pressed(pointerType: string): void {
    this.pointerType = pointerType;
    this.hasVisibleFocus = false;
    this.tooltip.hide();
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
    this.tooltip.hide();
    shown.onHover?.(node, this.pointBelow(shown, box));
    this.paint();
  }

  /** `isOther` where the same number may be another frame, as after an update. */
  pointAt(clientX: number, clientY: number, isOther = false): void {
    const { shown } = this;
    if (shown === undefined) return;
    this.isHoverByKey = false;
    this.pointer = { xPx: clientX, yPx: clientY };
    const node = this.nodeUnder(clientX, clientY);
    const isSame = !isOther && node === this.hovered;
    const wasHovered = this.hovered !== NONE;
    this.hovered = node;
    if (node === NONE) this.tooltip.hide();
    else this.offerTooltip(shown, node, this.pointer);
    if (isSame) return;
    if (node !== NONE) shown.onHover?.(node, this.pointer);
    else if (wasHovered) shown.onHover?.(null, this.pointer);
    this.paintOutlines();
  }

  private offerTooltip(shown: Shown, node: number, pointer: PagePoint): void {
    if (shown.tooltip === undefined || this.motion !== undefined) return;
    const { tree, layout } = shown.picture;
    const box = boxOf(tree, layout, node);
    if (box === NONE) return;
    const top =
      shown.scroller.getBoundingClientRect().top + rowTopPx(this.viewport(shown), layout.depth[box]!);
    this.tooltip.offer(shown.tooltip, () => frameWords(tree, node, shown.words), {
      pointerXPx: pointer.xPx,
      rowTopPx: top,
      rowBottomPx: top + ROW_HEIGHT_PX,
      side: shown.rootAt === 'top' ? 'above' : 'below',
    });
  }

  /** A drag begins, a menu opens: nothing lies over what is looked at. */
  hideTooltip(): void {
    this.tooltip.hide(true);
  }

  pointAway(): void {
    const wasHovered = this.hovered !== NONE;
    const point = this.pointer ?? { xPx: 0, yPx: 0 };
    this.pointer = undefined;
    this.hovered = NONE;
    this.isHoverByKey = false;
    this.tooltip.hide();
    if (wasHovered) this.shown?.onHover?.(null, point);
    this.paintOutlines();
  }

  /** By a drag: positive shows what is below. */
  scrollBy(yPx: number): void {
    if (this.shown !== undefined) this.shown.scroller.scrollTop += yPx;
  }

  scrolled(): void {
    this.tooltip.hide(true);
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
    if (pointer !== undefined) this.pointAt(pointer.xPx, pointer.yPx, true);
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

  /** What is zoomed to from elsewhere, a search or a link, may be a thousand rows down. */
  private scrollToZoom(next: Shown): void {
    const { layout } = next.picture;
    const viewport = this.viewport(next);
    const topPx = rowTopPx(viewport, layout.ancestorRows);
    const contentPx =
      (1 + Math.min(ZOOM_CONTENT_ROWS, layout.rowCount - 1 - layout.ancestorRows)) * ROW_HEIGHT_PX;
    const isRootAtTop = next.rootAt === 'top';
    const startPx = isRootAtTop ? topPx : topPx + ROW_HEIGHT_PX - contentPx;
    if (startPx >= 0 && startPx + contentPx <= next.heightPx) return;
    const marginPx = ZOOM_MARGIN_ROWS * ROW_HEIGHT_PX;
    next.scroller.scrollTop += isRootAtTop
      ? topPx - marginPx
      : topPx + ROW_HEIGHT_PX + marginPx - next.heightPx;
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
    if (!isWhole(shown.span)) paintSpanBar(shown);
  }
}

/** Over the graph's last line, as a scroll bar would be: which part of the row is in view. */
function paintSpanBar({ over, span, widthPx, heightPx, pixelRatio, picture }: Shown): void {
  over.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  const top = heightPx - SPAN_BAR_HEIGHT_PX;
  over.fillStyle = picture.palette.barQuiet;
  over.fillRect(0, top, widthPx, SPAN_BAR_HEIGHT_PX);
  const barPx = Math.max((span.to - span.from) * widthPx, LEAST_SPAN_BAR_PX);
  over.fillStyle = picture.palette.bar;
  over.fillRect(Math.min(span.from * widthPx, widthPx - barPx), top, barPx, SPAN_BAR_HEIGHT_PX);
}
