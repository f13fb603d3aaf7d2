/** Owns how time of which nothing is known looks: hatched, and called by its name where there is room for it. */
import type { Palette } from './palette.js';

/** Narrower gaps are too small for the word. */
const GAP_WORD_FROM_PX = 64;
const WORD_TOP_PX = 15;
const WORD_HEIGHT_PX = 16;
const HATCH_EVERY_PX = 6;

export interface GapBox {
  xPx: number;
  widthPx: number;
  /** From the top of the canvas. */
  heightPx: number;
  /** Default `no data`. */
  word?: string | undefined;
}

/** The font is the caller's. */
export function drawGap(context: CanvasRenderingContext2D, gap: GapBox, palette: Palette): void {
  const { xPx, widthPx, heightPx, word = 'no data' } = gap;
  context.save();
  context.beginPath();
  context.rect(xPx, 0, widthPx, heightPx);
  context.clip();
  context.strokeStyle = palette.hatch;
  context.lineWidth = 1;
  context.beginPath();
  for (let x = xPx - heightPx; x < xPx + widthPx; x += HATCH_EVERY_PX) {
    context.moveTo(x, heightPx);
    context.lineTo(x + heightPx, 0);
  }
  context.stroke();
  context.restore();
  const wordPx = context.measureText(word).width;
  if (widthPx < Math.max(GAP_WORD_FROM_PX, wordPx + 12)) return;
  const leftPx = xPx + (widthPx - wordPx) / 2;
  context.fillStyle = palette.surface;
  context.fillRect(leftPx - 4, WORD_TOP_PX, wordPx + 8, WORD_HEIGHT_PX);
  context.fillStyle = palette.dullInk;
  context.fillText(word, leftPx, WORD_TOP_PX + 12);
}
