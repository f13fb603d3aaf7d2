import { type FlameTree, layoutFlame, ROLES } from '@stallscope/profile';
import { expect, test } from 'vitest';
import { generatedTree } from './fixtures.js';
import { FlamePainter, type FlameViewport, rowsInContent } from './flame-drawing.js';
import { pixelOf } from './flame-pixels.js';
import { paletteOf } from './palette.js';

const SURFACE = '#ffffff';

test('a colour in memory is red, green, blue, opaque', () => {
  expect([...new Uint8Array(Uint32Array.of(pixelOf('#0a64ff')).buffer)]).toEqual([10, 100, 255, 255]);
});

test.each([
  [1, 'top', 0],
  [2, 'top', 61],
  [1.5, 'bottom', 130],
] as const)(
  'pixels are those that rectangles would be, at a ratio of %d with the root at the %s',
  (pixelRatio, rootAt, scrollTopPx) => {
    const tree = generatedTree(60_000, 5);
    // Every role has its marks; the generated ones are threads, users' and the kernel's.
    for (let node = 1; node < tree.nodeCount; node++) tree.role[node] = 1 + (node % (ROLES.length - 1));
    const matched = Uint8Array.from({ length: tree.nodeCount }, (_, node) => (node % 11 === 0 ? 1 : 0));
    const layout = layoutFlame(tree, { widthPx: 1000, zoomNode: 0 });
    const viewport: FlameViewport = {
      widthPx: 1000,
      heightPx: 500,
      scrollTopPx,
      rowsInContent: rowsInContent(layout, 500, rootAt),
      rootAt,
      pixelRatio,
      scale: 1,
      shiftPx: 0,
      transformFrom: 0,
    };
    const asPixels = paint(tree, matched, viewport, true);
    const asRectangles = paint(tree, matched, viewport, false);
    expect(asPixels.puts, 'drawn at once').toBe(1);
    expect(asRectangles.puts).toBe(0);
    const differing = asPixels.pixels.findIndex((pixel, at) => pixel !== asRectangles.pixels[at]);
    expect(differing, 'first pixel that differs').toBe(-1);
    expect(new Set(asPixels.pixels).size, 'colours').toBeGreaterThan(60);
  },
);

/** Paints on a canvas of memory that can fill rectangles and put pixels, and draws no letters. */
function paint(of: FlameTree, matched: Uint8Array, at: FlameViewport, canPutPixels: boolean) {
  const width = Math.round(at.widthPx * at.pixelRatio);
  const height = Math.round(at.heightPx * at.pixelRatio);
  const made = { canvas: { width, height }, pixels: new Uint32Array(width * height), puts: 0 };
  const context = contextOf(made, canPutPixels);
  new FlamePainter(newTile).paint(
    context as unknown as CanvasRenderingContext2D,
    {
      tree: of,
      layout: layoutFlame(of, { widthPx: at.widthPx, zoomNode: 0 }),
      palette: paletteOf('light'),
      background: SURFACE,
      rootLabel: 'all',
      matched,
      diff: undefined,
    },
    at,
  );
  return made;
}

interface Memory {
  canvas: { width: number; height: number };
  pixels: Uint32Array;
  puts: number;
}

interface Pattern {
  tile: Memory;
}

function contextOf(made: Memory, canPutPixels: boolean) {
  let fillStyle: string | Pattern = '#000000';
  return {
    canvas: made.canvas,
    set fillStyle(style: string | Pattern) {
      fillStyle = style;
    },
    // What is read back is no colour: the painter then keeps to rectangles.
    get fillStyle() {
      return canPutPixels || typeof fillStyle !== 'string' ? fillStyle : `${fillStyle} not in memory`;
    },
    fillRect(x: number, y: number, width: number, height: number) {
      const { canvas, pixels } = made;
      for (let row = Math.max(0, y); row < Math.min(canvas.height, y + height); row++) {
        for (let column = Math.max(0, x); column < Math.min(canvas.width, x + width); column++) {
          const colour = colourAt(fillStyle, column, row);
          if (colour !== undefined) pixels[row * canvas.width + column] = colour;
        }
      }
    },
    createPattern: (tile: { memory: Memory }): Pattern => ({ tile: tile.memory }),
    createImageData: (width: number, height: number) => ({
      width,
      height,
      data: new Uint8ClampedArray(width * height * 4),
    }),
    putImageData(image: { data: Uint8ClampedArray }) {
      made.puts++;
      made.pixels.set(new Uint32Array(image.data.buffer));
    },
    setTransform() {},
    fillText() {},
    measureText: (text: string) => ({ width: text.length * 7 }),
    font: '',
    textBaseline: '',
  };
}

function colourAt(style: string | Pattern, x: number, y: number): number | undefined {
  if (typeof style === 'string') return pixelOf(style);
  const { canvas, pixels } = style.tile;
  const pixel = pixels[(y % canvas.height) * canvas.width + (x % canvas.width)]!;
  return pixel === 0 ? undefined : pixel;
}

/** The hatching's tile: sized after its context was asked for. */
function newTile(): HTMLCanvasElement {
  const memory: Memory = { canvas: { width: 0, height: 0 }, pixels: new Uint32Array(0), puts: 0 };
  const resize = () => {
    memory.pixels = new Uint32Array(memory.canvas.width * memory.canvas.height);
  };
  const tile = {
    memory,
    getContext: () => contextOf(memory, true),
    set width(width: number) {
      memory.canvas.width = width;
      resize();
    },
    set height(height: number) {
      memory.canvas.height = height;
      resize();
    },
  };
  return tile as unknown as HTMLCanvasElement;
}
