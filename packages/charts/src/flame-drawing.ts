/**
 * Owns how a laid-out flame graph becomes pixels: which rows are in view, boxes batched by colour, marks, labels.
 *
 * Coordinates, named by space: layout px (x of a box, 0 to the layout's width), view px (on the canvas, after the zoom
 * transform and the scroll), device px (view px times the pixel ratio, where edges are rounded so that they are crisp).
 *
 *     viewX = x * scale + shiftPx          scale 1 and shift 0 except while a zoom is animated
 *     viewY = row * ROW_HEIGHT_PX - scrollTopPx, row counted from the top: depth, or rowsInContent - 1 - depth
 *
 * Invariants: rows out of view cost nothing. A row costs at most one rectangle a device pixel, however many boxes it
 * has. Nothing is allocated for each box but its text; colours are set once each.
 */
import { type FlameLayout, type FlameTree, NONE, ROLES, type RowKind } from '@stallscope/profile';
import { codeOf, isQualifiedName } from './code-kinds.js';
import { changeOf, diffStepOf, diffTotal, type FlameDiff } from './flame-diff.js';
import { ranNodesOf } from './flame-lives.js';
import { type FlameOwners, ownerColourOf } from './flame-owners.js';
import {
  BAR,
  BOTTOM_LINE,
  FlamePixels,
  HATCHED,
  type PixelBoxes,
  pixelOf,
  TOP_LINE,
} from './flame-pixels.js';
import { fitFrame, fitLabel, MIN_LABEL_CELLS, type NameLength } from './frame-text.js';
import { lifeTexture } from './life-marks.js';
import {
  codeSlot,
  diffSlot,
  FILL_SLOTS,
  fillSlot,
  hueStepOf,
  LIFE_ORDER,
  lifeMarkColour,
  lifeStepOf,
  matchedSlot,
  ownerSlot,
  type Palette,
  ranSlot,
  runSlot,
} from './palette.js';

export const ROW_HEIGHT_PX = 18;
/** Between rows and between neighbours; boxes narrower than GAP_FROM_PX do without. */
const GAP_PX = 1;
const GAP_FROM_PX = 3;
export const FRAME_FONT_FAMILY = 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';
const FRAME_FONT_SIZE_PX = 12;
const TEXT_INSET_PX = 4;
const KERNEL_BAR_PX = 2;
/** Narrower boxes would be all bar. */
const KERNEL_BAR_FROM_PX = 12;
const WAKER_LINE_PX = 1;
const MATCH_LINE_PX = 2;
const LINE_FROM_PX = 3;
const LIFE_LINE_PX = 4;
const HATCH_PERIOD_PX = 6;

/** As many boxes are dearer one by one than all their pixels. */
const PIXELS_FROM_BOXES = 1500;
/** And so are fewer pixels than this: a panel of 2000 by 1250 px at a ratio of 2 has 10 million, which take 40 MB to move. */
const MOST_PIXELS = 6_000_000;

/** Of what is remembered of a label: its hue step and one more, and whether its name is qualified. */
const HUE_STEP_BITS = 0x0f;
const QUALIFIED_BIT = 0x10;

const ROLE_MARKER = ROLES.indexOf('marker');
const ROLE_COMM = ROLES.indexOf('comm');
const ROLE_USER = ROLES.indexOf('user');
const ROLE_KIND = ROLES.indexOf('kind');
const ROLE_KERNEL = ROLES.indexOf('kernel');
const ROLE_WAKER_KERNEL = ROLES.indexOf('waker-kernel');
const ROLE_WAKER_USER = ROLES.indexOf('waker-user');
const ROLE_WAKER_COMM = ROLES.indexOf('waker-comm');
const MARKER_SLOTS_BEGIN = fillSlot(ROLES.indexOf('marker'), false, 0);
const MARKER_SLOTS_END = fillSlot(ROLES.indexOf('marker') + 1, false, 0);

/** Text styles in the order that they are drawn. */
const PLAIN = 0;
const BOLD = 1;
const ITALIC = 2;

/** How the layout is seen: all in CSS px. */
export interface FlameViewport {
  widthPx: number;
  heightPx: number;
  /** Of the content, which is rowsInContent rows high. */
  scrollTopPx: number;
  rowsInContent: number;
  rootAt: 'top' | 'bottom';
  pixelRatio: number;
  /** Of an animated zoom, for rows from `transformFrom` down. */
  scale: number;
  shiftPx: number;
  transformFrom: number;
}

export interface FlamePicture {
  tree: FlameTree;
  layout: FlameLayout;
  palette: Palette;
  background: string;
  rootLabel: string;
  matched: Uint8Array | undefined;
  /** Colours tell what changed instead of what a frame is. */
  diff: FlameDiff | undefined;
  /** Colours tell whose the time is instead of what a frame is; a difference comes before it. */
  owners?: FlameOwners | undefined;
  /** Default `whole`. */
  names?: NameLength | undefined;
}

/** Boxes outlined over the picture, by index into the layout; NONE for no such box. */
export interface FlameOutlines {
  hovered: number;
  selected: number;
  focused: number;
}

export interface ViewBox {
  xPx: number;
  yPx: number;
  widthPx: number;
  heightPx: number;
}

/** Top of a depth's row on the canvas. */
export function rowTopPx(viewport: FlameViewport, depth: number): number {
  const row = viewport.rootAt === 'top' ? depth : viewport.rowsInContent - 1 - depth;
  return row * ROW_HEIGHT_PX - viewport.scrollTopPx;
}

/** Depth of the row under a point of the canvas. It may be outside the layout. */
export function depthAt(viewport: FlameViewport, yPx: number): number {
  const row = Math.floor((yPx + viewport.scrollTopPx) / ROW_HEIGHT_PX);
  return viewport.rootAt === 'top' ? row : viewport.rowsInContent - 1 - row;
}

/** Rows that the content needs: those of the layout, or of the viewport where that is more and the root is at its bottom. */
export function rowsInContent(
  layout: FlameLayout,
  viewportHeightPx: number,
  rootAt: 'top' | 'bottom',
): number {
  const visible = rootAt === 'bottom' ? Math.floor(viewportHeightPx / ROW_HEIGHT_PX) : 0;
  return Math.max(layout.rowCount, visible, 1);
}

/** Where a box is on the canvas. */
export function viewBoxOf(layout: FlameLayout, viewport: FlameViewport, box: number): ViewBox {
  const depth = layout.depth[box]!;
  const isMoved = depth >= viewport.transformFrom;
  const scale = isMoved ? viewport.scale : 1;
  const shift = isMoved ? viewport.shiftPx : 0;
  const left = Math.max(0, layout.x[box]! * scale + shift);
  const right = Math.min(viewport.widthPx, (layout.x[box]! + layout.width[box]!) * scale + shift);
  return {
    xPx: left,
    yPx: rowTopPx(viewport, depth),
    widthPx: Math.max(0, right - left),
    heightPx: ROW_HEIGHT_PX - GAP_PX,
  };
}

export class FlamePainter {
  /** Of the boxes in view: device px of both edges, device px of the top, node or -1 - run, colour slot. */
  private left = new Int32Array(0);
  private right = new Int32Array(0);
  private top = new Int32Array(0);
  private node = new Int32Array(0);
  private slot = new Uint16Array(0);
  /** Boxes in order of slot. */
  private order = new Int32Array(0);
  private readonly pixels = new FlamePixels();
  private readonly boxes: PixelBoxes = {
    count: 0,
    left: this.left,
    end: new Int32Array(0),
    top: this.top,
    fill: new Uint32Array(0),
    mark: new Uint32Array(0),
    marks: new Uint8Array(0),
  };
  private pixelPalette: Palette | undefined;
  private fillPixel = new Uint32Array(0);
  private markPixel = new Uint32Array(0);
  private readonly slotEnd = new Int32Array(FILL_SLOTS + 1);
  private count = 0;
  private readonly text: [string[], string[], string[]] = [[], [], []];
  private readonly textX: [number[], number[], number[]] = [[], [], []];
  private readonly textY: [number[], number[], number[]] = [[], [], []];
  /** Hue step + 1 by label id, 0 for not known; of `hueLabels`, whose labels only grow. */
  private hueSteps = new Uint8Array(0);
  private hueLabels: readonly string[] | undefined;
  private cellPx = 0;
  private readonly newCanvas: () => HTMLCanvasElement | undefined;
  private hatch: { pattern: CanvasPattern | undefined; colour: string; ratio: number } | undefined;

  private readonly lifeTextures = new Map<string, CanvasPattern | undefined>();

  /** Makes the tile of the hatching; without a document, hatched boxes stay plain. */
  constructor(newCanvas: () => HTMLCanvasElement | undefined = () => document.createElement('canvas')) {
    this.newCanvas = newCanvas;
  }

  paint(context: CanvasRenderingContext2D, picture: FlamePicture, viewport: FlameViewport): void {
    const ratio = viewport.pixelRatio;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = picture.background;
    this.collect(picture, viewport);
    const area = viewport.widthPx * viewport.heightPx * ratio ** 2;
    // What was set is read back as #rrggbb, whatever names or functions it was given in.
    const background = context.fillStyle;
    if (this.count >= PIXELS_FROM_BOXES && area <= MOST_PIXELS && HEX_COLOUR.test(background)) {
      this.fillPixels(context, picture, ratio, background);
    } else {
      context.fillRect(0, 0, Math.ceil(viewport.widthPx * ratio), Math.ceil(viewport.heightPx * ratio));
      this.sortBySlot();
      this.fillBoxes(context, picture, ratio);
    }
    this.drawLifeMarks(context, picture, ratio);
    this.collectText(context, picture, ratio);
    this.drawText(context, picture, ratio);
  }

  paintOutlines(
    context: CanvasRenderingContext2D,
    picture: FlamePicture,
    viewport: FlameViewport,
    outlines: FlameOutlines,
  ): void {
    const { palette, layout } = picture;
    const ratio = viewport.pixelRatio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, viewport.widthPx, viewport.heightPx);
    const outline = (box: number, colour: string, widthPx: number, insetPx: number) => {
      const { xPx, yPx, widthPx: boxWidthPx, heightPx } = viewBoxOf(layout, viewport, box);
      const inset = insetPx + widthPx / 2;
      context.strokeStyle = colour;
      context.lineWidth = widthPx;
      context.strokeRect(
        xPx + inset,
        yPx + inset,
        Math.max(boxWidthPx - GAP_PX - inset * 2, 1),
        heightPx - inset * 2,
      );
    };
    if (outlines.hovered !== NONE) outline(outlines.hovered, palette.hover, 1, 0);
    if (outlines.selected !== NONE) outline(outlines.selected, palette.selection, 2, 0);
    if (outlines.focused !== NONE) {
      outline(outlines.focused, palette.ring, 2, -1);
      outline(outlines.focused, palette.ringInner, 1, 1);
    }
  }

  /** Boxes and runs in view, in device px; those that would land on a pixel already taken in their row are dropped. */
  private collect({ tree, layout, matched, diff, owners }: FlamePicture, viewport: FlameViewport): void {
    const ofTotal = diff === undefined ? 0 : diffTotal(tree, diff);
    this.count = 0;
    this.ensureCapacity(layout.count + layout.runCount);
    this.ensureHueSteps(tree.labels);
    const ran = ranNodesOf(tree);
    const ratio = viewport.pixelRatio;
    const viewRight = Math.round(viewport.widthPx * ratio);
    const one = depthAt(viewport, 0);
    const other = depthAt(viewport, viewport.heightPx - 1);
    const first = Math.max(0, Math.min(one, other));
    const last = Math.min(layout.rowCount - 1, Math.max(one, other));
    let run = 0;
    for (let depth = first; depth <= last; depth++) {
      const top = Math.round(rowTopPx(viewport, depth) * ratio);
      const isMoved = depth >= viewport.transformFrom;
      const scale = (isMoved ? viewport.scale : 1) * ratio;
      const shift = isMoved ? viewport.shiftPx * ratio : 0;
      let taken = -1;
      const end = layout.rowStart[depth + 1]!;
      for (let box = layout.rowStart[depth]!; box < end; box++) {
        const x = layout.x[box]! * scale + shift;
        const left = Math.max(0, Math.round(x));
        if (left >= viewRight) break;
        const right = Math.min(viewRight, Math.max(Math.round(x + layout.width[box]! * scale), left + 1));
        if (right <= 0) continue;
        if (left === taken) {
          // The wider one is what is seen; a sliver before it must not hide it.
          if (right <= this.right[this.count - 1]!) continue;
          this.count--;
        }
        taken = left;
        const node = layout.node[box]!;
        const hueStep = this.hueStep(tree, node);
        const code = codeOf(tree, node, this.isQualified);
        const slot =
          matched?.[node] === 1
            ? matchedSlot(hueStep)
            : diff !== undefined
              ? diffSlot(diffStepOf(changeOf(tree, diff, node), ofTotal))
              : owners !== undefined && node !== 0 && tree.role[node] !== ROLE_MARKER
                ? ownerSlot(ownerColourOf(owners, node), hueStep)
                : ran?.[node] === 1 && (tree.role[node] === ROLE_USER || tree.role[node] === ROLE_KERNEL)
                  ? ranSlot(tree.role[node] === ROLE_KERNEL, tree.unnamed[node] !== 0, hueStep)
                  : code >= 0
                    ? codeSlot(code, hueStep)
                    : fillSlot(tree.role[node]!, tree.unnamed[node] !== 0, hueStep);
        this.add(left, right, top, node, slot);
      }
      for (; run < layout.runCount && layout.runDepth[run]! <= depth; run++) {
        if (layout.runDepth[run]! < depth) continue;
        const x = layout.runX[run]! * scale + shift;
        const left = Math.max(0, Math.round(x));
        const right = Math.min(viewRight, Math.round(x + layout.runWidth[run]! * scale));
        if (right > left) this.add(left, right, top, -1 - run, runSlot());
      }
    }
  }

  private add(left: number, right: number, top: number, node: number, slot: number): void {
    const at = this.count++;
    this.left[at] = left;
    this.right[at] = right;
    this.top[at] = top;
    this.node[at] = node;
    this.slot[at] = slot;
  }

  /** Counting sort: `slotEnd[s - 1]` to `slotEnd[s]` are the boxes of slot s in `order`. */
  private sortBySlot(): void {
    const { slotEnd, slot, order, count } = this;
    slotEnd.fill(0);
    for (let at = 0; at < count; at++) slotEnd[slot[at]! + 1]!++;
    for (let index = 1; index <= FILL_SLOTS; index++) slotEnd[index]! += slotEnd[index - 1]!;
    // Placing moves each start to its slot's end, which is the next one's start.
    for (let at = 0; at < count; at++) order[slotEnd[slot[at]!]!++] = at;
  }

  private fillBoxes(context: CanvasRenderingContext2D, picture: FlamePicture, ratio: number): void {
    const { palette, tree, matched } = picture;
    const height = Math.round((ROW_HEIGHT_PX - GAP_PX) * ratio);
    const gap = Math.max(1, Math.round(GAP_PX * ratio));
    const gapFrom = GAP_FROM_PX * ratio;
    const wakerLine = Math.max(1, Math.round(WAKER_LINE_PX * ratio));
    const matchLine = Math.round(MATCH_LINE_PX * ratio);
    const bar = Math.round(KERNEL_BAR_PX * ratio);
    let begin = 0;
    for (let slot = 0; slot < FILL_SLOTS; slot++) {
      const end = this.slotEnd[slot]!;
      if (end === begin) continue;
      context.fillStyle = palette.fills[slot]!;
      for (let index = begin; index < end; index++) {
        const at = this.order[index]!;
        const width = this.right[at]! - this.left[at]!;
        context.fillRect(this.left[at]!, this.top[at]!, width >= gapFrom ? width - gap : width, height);
      }
      const hatching = isHatchedSlot(slot) ? this.hatching(context, palette.hatch, ratio) : undefined;
      if (hatching !== undefined) {
        context.fillStyle = hatching;
        for (let index = begin; index < end; index++) {
          const at = this.order[index]!;
          const width = this.right[at]! - this.left[at]!;
          context.fillRect(this.left[at]!, this.top[at]!, width >= gapFrom ? width - gap : width, height);
        }
      }
      if (slot !== runSlot()) {
        context.fillStyle = palette.marks[slot]!;
        for (let index = begin; index < end; index++) {
          const at = this.order[index]!;
          const node = this.node[at]!;
          const role = tree.role[node]!;
          const left = this.left[at]!;
          const width = this.right[at]! - left;
          const boxWidth = width >= gapFrom ? width - gap : width;
          if (width < LINE_FROM_PX * ratio) continue;
          if (isWaker(role)) context.fillRect(left, this.top[at]!, boxWidth, wakerLine);
          if (isKernel(role) && width >= KERNEL_BAR_FROM_PX * ratio) {
            context.fillRect(left, this.top[at]!, bar, height);
          }
          if (matched?.[node] === 1)
            context.fillRect(left, this.top[at]! + height - matchLine, boxWidth, matchLine);
        }
      }
      begin = end;
    }
  }

  private fillPixels(
    context: CanvasRenderingContext2D,
    { palette, tree, matched }: FlamePicture,
    ratio: number,
    background: string,
  ): void {
    const { boxes } = this;
    if (palette !== this.pixelPalette) {
      this.pixelPalette = palette;
      this.fillPixel = Uint32Array.from(palette.fills, pixelOf);
      this.markPixel = Uint32Array.from(palette.marks, pixelOf);
    }
    const gap = Math.max(1, Math.round(GAP_PX * ratio));
    const gapFrom = GAP_FROM_PX * ratio;
    for (let at = 0; at < this.count; at++) {
      const slot = this.slot[at]!;
      const node = this.node[at]!;
      const width = this.right[at]! - this.left[at]!;
      boxes.end[at] = width >= gapFrom ? this.right[at]! - gap : this.right[at]!;
      boxes.fill[at] = this.fillPixel[slot]!;
      boxes.mark[at] = this.markPixel[slot]!;
      let marks = isHatchedSlot(slot) ? HATCHED : 0;
      if (node >= 0 && width >= LINE_FROM_PX * ratio) {
        const role = tree.role[node]!;
        if (isWaker(role)) marks |= TOP_LINE;
        if (isKernel(role) && width >= KERNEL_BAR_FROM_PX * ratio) marks |= BAR;
        if (matched?.[node] === 1) marks |= BOTTOM_LINE;
      }
      boxes.marks[at] = marks;
    }
    boxes.count = this.count;
    boxes.left = this.left;
    boxes.top = this.top;
    const sizes = {
      rowHeight: Math.round((ROW_HEIGHT_PX - GAP_PX) * ratio),
      bar: Math.round(KERNEL_BAR_PX * ratio),
      topLine: Math.max(1, Math.round(WAKER_LINE_PX * ratio)),
      bottomLine: Math.round(MATCH_LINE_PX * ratio),
      hatchPeriod: Math.round(HATCH_PERIOD_PX * ratio),
      hatchLine: hatchLineOf(ratio),
    };
    this.pixels.draw(context, boxes, sizes, pixelOf(background), pixelOf(palette.hatch));
  }

  /** Along the foot of each step that says what threads were at: its kind's texture. */
  private drawLifeMarks(
    context: CanvasRenderingContext2D,
    { tree, palette, matched, diff }: FlamePicture,
    ratio: number,
  ): void {
    if (diff !== undefined) return;
    const line = Math.round(LIFE_LINE_PX * ratio);
    const top = Math.round((ROW_HEIGHT_PX - GAP_PX) * ratio) - line;
    const gap = Math.max(1, Math.round(GAP_PX * ratio));
    for (let at = 0; at < this.count; at++) {
      const node = this.node[at]!;
      const width = this.right[at]! - this.left[at]!;
      if (node < 0 || tree.role[node] !== ROLE_KIND || matched?.[node] === 1) continue;
      if (width < LINE_FROM_PX * ratio) continue;
      const kind = LIFE_ORDER[lifeStepOf(tree.labels[tree.label[node]!]!)];
      const texture = kind && this.lifeTexture(context, kind, palette, ratio);
      if (texture === undefined) continue;
      context.fillStyle = texture;
      context.fillRect(this.left[at]!, this.top[at]! + top, width - gap, line);
    }
  }

  private lifeTexture(
    context: CanvasRenderingContext2D,
    kind: RowKind,
    { theme }: Palette,
    ratio: number,
  ): CanvasPattern | undefined {
    const key = `${kind} ${theme} ${ratio}`;
    if (!this.lifeTextures.has(key)) {
      const colour = lifeMarkColour(theme, kind);
      this.lifeTextures.set(key, lifeTexture(context, kind, colour, ratio, this.newCanvas));
    }
    return this.lifeTextures.get(key);
  }

  private collectText(context: CanvasRenderingContext2D, picture: FlamePicture, ratio: number): void {
    const { tree, layout, diff } = picture;
    const ofTotal = diff === undefined ? 0 : diffTotal(tree, diff);
    for (const style of [PLAIN, BOLD, ITALIC] as const) {
      this.text[style].length = 0;
      this.textX[style].length = 0;
      this.textY[style].length = 0;
    }
    const cellPx = this.measuredCell(context);
    const insetsPx = TEXT_INSET_PX * 2 + GAP_PX;
    const leastWidth = (insetsPx + cellPx) * ratio;
    for (let at = 0; at < this.count; at++) {
      const width = this.right[at]! - this.left[at]!;
      if (width < leastWidth) continue;
      const node = this.node[at]!;
      const label =
        node < 0
          ? narrowLabel(layout.runNodes[-1 - node]!)
          : node === 0
            ? picture.rootLabel
            : tree.labels[tree.label[node]!]!;
      const cells = Math.floor((width / ratio - insetsPx) / cellPx);
      if (node < 0 && cells < MIN_LABEL_CELLS) continue;
      const sign =
        diff === undefined || node < 0 ? '' : signOf(diffStepOf(changeOf(tree, diff, node), ofTotal));
      const fit = node > 0 && isFunction(tree.role[node]!) ? fitFrame : fitLabel;
      const fitted = fit(label, cells - sign.length, picture.names);
      const text = fitted === '' && cells >= 1 ? sign.trim() : sign + fitted;
      if (text === '') continue;
      const style = node < 0 || tree.unnamed[node] !== 0 ? ITALIC : isBold(tree.role[node]!) ? BOLD : PLAIN;
      this.text[style].push(text);
      this.textX[style].push(this.left[at]! / ratio + TEXT_INSET_PX);
      this.textY[style].push(this.top[at]! / ratio);
    }
  }

  private drawText(
    context: CanvasRenderingContext2D,
    { palette, diff, owners }: FlamePicture,
    ratio: number,
  ): void {
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.textBaseline = 'middle';
    const middlePx = (ROW_HEIGHT_PX - GAP_PX) / 2 + 0.5;
    for (const style of [PLAIN, BOLD, ITALIC] as const) {
      const texts = this.text[style];
      if (texts.length === 0) continue;
      context.font = `${style === BOLD ? '600 ' : style === ITALIC ? 'italic ' : ''}${FRAME_FONT_SIZE_PX}px ${FRAME_FONT_FAMILY}`;
      // The fills of a difference and of owners are too strong for quiet text.
      const isQuiet = style === ITALIC && diff === undefined && owners === undefined;
      context.fillStyle = isQuiet ? palette.dullInk : palette.ink;
      const xs = this.textX[style];
      const ys = this.textY[style];
      for (let index = 0; index < texts.length; index++) {
        context.fillText(texts[index]!, xs[index]!, ys[index]! + middlePx);
      }
    }
  }

  private hueStep(tree: FlameTree, node: number): number {
    const label = tree.label[node]!;
    if (tree.role[node] === ROLE_KIND) return lifeStepOf(tree.labels[label]!);
    const known = this.hueSteps[label]!;
    if (known !== 0) return (known & HUE_STEP_BITS) - 1;
    const text = tree.labels[label]!;
    const step = hueStepOf(text);
    this.hueSteps[label] = (step + 1) | (isQualifiedName(text) ? QUALIFIED_BIT : 0);
    return step;
  }

  /** Of a label whose hue step has been asked for. */
  private readonly isQualified = (label: number): boolean => (this.hueSteps[label]! & QUALIFIED_BIT) !== 0;

  private ensureHueSteps(labels: readonly string[]): void {
    if (labels !== this.hueLabels) {
      this.hueLabels = labels;
      this.hueSteps = new Uint8Array(labels.length);
    } else if (labels.length > this.hueSteps.length) {
      const grown = new Uint8Array(labels.length * 2);
      grown.set(this.hueSteps);
      this.hueSteps = grown;
    }
  }

  private ensureCapacity(count: number): void {
    if (count <= this.left.length) return;
    const capacity = count * 2;
    this.left = new Int32Array(capacity);
    this.right = new Int32Array(capacity);
    this.top = new Int32Array(capacity);
    this.node = new Int32Array(capacity);
    this.slot = new Uint16Array(capacity);
    this.order = new Int32Array(capacity);
    this.boxes.end = new Int32Array(capacity);
    this.boxes.fill = new Uint32Array(capacity);
    this.boxes.mark = new Uint32Array(capacity);
    this.boxes.marks = new Uint8Array(capacity);
  }

  /** Advance of the monospace font, measured once: fonts do not change under a page that loads none. */
  private measuredCell(context: CanvasRenderingContext2D): number {
    if (this.cellPx === 0) {
      const sample = 'futex_wait_queue';
      context.font = `${FRAME_FONT_SIZE_PX}px ${FRAME_FONT_FAMILY}`;
      this.cellPx = context.measureText(sample).width / sample.length;
    }
    return this.cellPx;
  }

  /** Undefined where no pattern can be made. */
  private hatching(
    context: CanvasRenderingContext2D,
    colour: string,
    ratio: number,
  ): CanvasPattern | undefined {
    if (this.hatch?.colour === colour && this.hatch.ratio === ratio) return this.hatch.pattern;
    const period = Math.round(HATCH_PERIOD_PX * ratio);
    const tile = this.newCanvas();
    const tileContext = tile?.getContext('2d');
    if (tile === undefined || tileContext == null) return undefined;
    tile.width = period;
    tile.height = period;
    tileContext.fillStyle = colour;
    // Whole pixels, as flame-pixels.ts has them: those where x + y is a multiple of the period, and the next.
    for (let y = 0; y < period; y++) {
      for (let line = 0; line < hatchLineOf(ratio); line++) {
        tileContext.fillRect((2 * period - y + line) % period, y, 1, 1);
      }
    }
    const pattern = context.createPattern(tile, 'repeat') ?? undefined;
    this.hatch = { pattern, colour, ratio };
    return pattern;
  }
}

function narrowLabel(nodes: number): string {
  return nodes === 1 ? '1 narrower' : `${nodes} narrower`;
}

const HEX_COLOUR = /^#[0-9a-f]{6}$/;

/** Device px of a line of the hatching, across. */
function hatchLineOf(ratio: number): number {
  return Math.max(1, Math.round(ratio));
}

function isHatchedSlot(slot: number): boolean {
  return slot === runSlot() || (slot >= MARKER_SLOTS_BEGIN && slot < MARKER_SLOTS_END);
}

/** Red and blue are told apart by these too. */
function signOf(step: number): string {
  return step > 0 ? '▲ ' : step < 0 ? '▼ ' : '';
}

function isKernel(role: number): boolean {
  return role === ROLE_KERNEL || role === ROLE_WAKER_KERNEL;
}

function isWaker(role: number): boolean {
  return role === ROLE_WAKER_KERNEL || role === ROLE_WAKER_USER || role === ROLE_WAKER_COMM;
}

function isFunction(role: number): boolean {
  return role === ROLE_USER || role === ROLE_KERNEL || role === ROLE_WAKER_USER || role === ROLE_WAKER_KERNEL;
}

function isBold(role: number): boolean {
  return role === ROLE_COMM || role === ROLE_WAKER_COMM;
}
