/**
 * Owns filling thousands of boxes as pixels of memory: one line of each row is written and copied to its others, and the
 * whole goes to the canvas at once. Eight thousand rectangles asked of a canvas one by one cost three times as much, when
 * they are recorded and again when they are drawn.
 *
 * Invariant: pixel for pixel what the same boxes are as rectangles (flame-drawing.ts draws few boxes so).
 */

/** As the painter has collected them, in device px; `mark` lies on the left edge or along a side. */
export interface PixelBoxes {
  count: number;
  left: Int32Array;
  /** Without the gap to the next box. */
  end: Int32Array;
  /** Boxes of one row follow each other. */
  top: Int32Array;
  fill: Uint32Array;
  mark: Uint32Array;
  /** Any of the BAR, TOP_LINE, BOTTOM_LINE and HATCHED bits. */
  marks: Uint8Array;
}

export const BAR = 1;
export const TOP_LINE = 2;
export const BOTTOM_LINE = 4;
export const HATCHED = 8;

/** In device px. */
export interface PixelSizes {
  rowHeight: number;
  bar: number;
  topLine: number;
  bottomLine: number;
  hatchPeriod: number;
  hatchLine: number;
}

export class FlamePixels {
  #image: ImageData | undefined;
  #pixels = new Uint32Array(0);

  /** @param hatch colour of the hatching, and `background` behind all, as `pixelOf` gives them */
  draw(
    context: CanvasRenderingContext2D,
    boxes: PixelBoxes,
    sizes: PixelSizes,
    background: number,
    hatch: number,
  ): void {
    const { width, height } = context.canvas;
    if (this.#image?.width !== width || this.#image.height !== height) {
      this.#image = context.createImageData(width, height);
      this.#pixels = new Uint32Array(this.#image.data.buffer);
    }
    this.#pixels.fill(background);
    for (let begin = 0; begin < boxes.count; ) {
      let end = begin + 1;
      while (end < boxes.count && boxes.top[end] === boxes.top[begin]) end++;
      this.#drawRow(boxes, begin, end, sizes, hatch, width, height);
      begin = end;
    }
    context.putImageData(this.#image, 0, 0);
  }

  #drawRow(
    boxes: PixelBoxes,
    begin: number,
    end: number,
    sizes: PixelSizes,
    hatch: number,
    width: number,
    height: number,
  ): void {
    const pixels = this.#pixels;
    const top = boxes.top[begin]!;
    const first = Math.max(0, top);
    const last = Math.min(height, top + sizes.rowHeight);
    if (first >= last) return;
    const line = first * width;
    let kinds = 0;
    for (let at = begin; at < end; at++) {
      const left = line + boxes.left[at]!;
      const right = line + boxes.end[at]!;
      const fill = boxes.fill[at]!;
      for (let pixel = left; pixel < right; pixel++) pixels[pixel] = fill;
      const marks = boxes.marks[at]!;
      kinds |= marks;
      if ((marks & BAR) !== 0) pixels.fill(boxes.mark[at]!, left, Math.min(right, left + sizes.bar));
    }
    for (let y = first + 1; y < last; y++) pixels.copyWithin(y * width, line, line + width);
    // What is not the same on each line of the row.
    if ((kinds & ~BAR) === 0) return;
    for (let at = begin; at < end; at++) {
      const marks = boxes.marks[at]!;
      const left = boxes.left[at]!;
      const right = boxes.end[at]!;
      if ((marks & HATCHED) !== 0) {
        const { hatchPeriod, hatchLine } = sizes;
        for (let y = first; y < last; y++) {
          for (let x = left; x < right; x++) {
            if ((x + y) % hatchPeriod < hatchLine) pixels[y * width + x] = hatch;
          }
        }
      }
      const fillLines = (from: number, to: number) => {
        for (let y = Math.max(first, from); y < Math.min(last, to); y++) {
          pixels.fill(boxes.mark[at]!, y * width + left, y * width + right);
        }
      };
      if ((marks & TOP_LINE) !== 0) fillLines(top, top + sizes.topLine);
      if ((marks & BOTTOM_LINE) !== 0)
        fillLines(top + sizes.rowHeight - sizes.bottomLine, top + sizes.rowHeight);
    }
  }
}

/** A colour as #rrggbb in memory; every browser runs on little-endian machines. */
export function pixelOf(hex: string): number {
  const rgb = Number.parseInt(hex.slice(1), 16);
  return (0xff000000 | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >>> 16)) >>> 0;
}
