import { type FlameTree, layoutFlame } from '@stallscope/profile';
import { describe, expect, test } from 'vitest';
import { generatedTree, treeOfStacks } from './fixtures.js';
import {
  depthAt,
  FlamePainter,
  type FlameViewport,
  ROW_HEIGHT_PX,
  rowsInContent,
  rowTopPx,
} from './flame-drawing.js';
import { paletteOf } from './palette.js';

const viewport: FlameViewport = {
  widthPx: 100,
  heightPx: 100,
  scrollTopPx: 0,
  rowsInContent: 10,
  rootAt: 'top',
  pixelRatio: 1,
  scale: 1,
  shiftPx: 0,
  transformFrom: 0,
};

describe('rows', () => {
  test.each(['top', 'bottom'] as const)(
    'with the root at the %s, a row is found where it is drawn',
    (rootAt) => {
      for (const scrollTopPx of [0, 7, 80]) {
        const scrolled = { ...viewport, rootAt, scrollTopPx };
        for (let depth = 0; depth < 10; depth++) {
          const top = rowTopPx(scrolled, depth);
          expect(depthAt(scrolled, top)).toBe(depth);
          expect(depthAt(scrolled, top + ROW_HEIGHT_PX - 1)).toBe(depth);
        }
      }
    },
  );

  test('fill the viewport only where the root is at its bottom', () => {
    const layout = layoutFlame(tree([['a', 1]]), { widthPx: 100, zoomNode: 0 });
    expect(rowsInContent(layout, 180, 'top')).toBe(2);
    expect(rowsInContent(layout, 180, 'bottom')).toBe(10);
  });
});

describe('painting', () => {
  test('a sliver does not hide the wider frame that starts on its pixel', () => {
    const painted = paint(
      tree([
        ['a', 9.6],
        ['b', 0.7],
        ['c', 60],
        ['d', 29.7],
      ]),
      viewport,
    );
    expect(painted.rects).toContainEqual({ x: 10, y: ROW_HEIGHT_PX, width: 59, height: ROW_HEIGHT_PX - 1 });
  });

  test('labels fit their boxes, and boxes without room have none', () => {
    const { texts } = paint(
      tree([
        ['aardvark', 50],
        ['b', 45],
        ['c', 5],
      ]),
      viewport,
    );
    expect(texts).toEqual(['all', 'aardva', 'b'].map((text) => expect.stringContaining(text.slice(0, 4))));
  });

  test('rows out of view are not drawn', () => {
    const deep = treeOfStacks([
      { frames: Array.from({ length: 500 }, (_, n) => ({ label: `f${n}`, role: 'user' as const })), ns: 1 },
    ]);
    const { texts } = paint(deep, { ...viewport, rowsInContent: 501, scrollTopPx: 100 * ROW_HEIGHT_PX });
    expect(texts).toEqual(['f99', 'f100', 'f101', 'f102', 'f103', 'f104']);
  });

  test('a zoom under way moves its rows and leaves the ancestors full width', () => {
    const { rects } = paint(tree([['a', 100]]), { ...viewport, scale: 0.5, shiftPx: 20, transformFrom: 1 });
    expect(rects).toContainEqual({ x: 0, y: 0, width: 99, height: ROW_HEIGHT_PX - 1 });
    expect(rects).toContainEqual({ x: 20, y: ROW_HEIGHT_PX, width: 49, height: ROW_HEIGHT_PX - 1 });
  });

  test('a row costs at most one box a device pixel and colours are set once each', () => {
    const large = generatedTree(20_000, 3);
    const { rects, fillStyles } = paint(large, { ...viewport, heightPx: 900, rowsInContent: 60 });
    const byRow = new Map<number, number>();
    for (const { y, height } of rects) {
      if (height === ROW_HEIGHT_PX - 1) byRow.set(y, (byRow.get(y) ?? 0) + 1);
    }
    // A box and its bar where it is of the kernel; runs and hatching are drawn beside boxes.
    for (const count of byRow.values()) expect(count).toBeLessThanOrEqual(300);
    expect(fillStyles).toBeLessThan(150);
  });
});

/** One thread row of frames `[label, ns]`. */
function tree(frames: [string, number][]): FlameTree {
  return treeOfStacks(frames.map(([label, ns]) => ({ frames: [{ label, role: 'user' as const }], ns })));
}

/** Paints on a context that only notes what it is asked; its letters are 7 px wide. */
function paint(of: FlameTree, at: FlameViewport) {
  const rects: { x: number; y: number; width: number; height: number }[] = [];
  const texts: string[] = [];
  let fillStyles = 0;
  let isBackground = true;
  const context = {
    setTransform() {},
    fillRect(x: number, y: number, width: number, height: number) {
      if (!isBackground) rects.push({ x, y, width, height });
      isBackground = false;
    },
    fillText(text: string) {
      texts.push(text);
    },
    measureText: (text: string) => ({ width: text.length * 7 }),
    createPattern: () => null,
    set fillStyle(_colour: string) {
      fillStyles++;
    },
    font: '',
    textBaseline: '',
  };
  const palette = paletteOf('light');
  new FlamePainter(() => undefined).paint(
    context as unknown as CanvasRenderingContext2D,
    {
      tree: of,
      layout: layoutFlame(of, { widthPx: at.widthPx, zoomNode: 0 }),
      palette,
      background: palette.surface,
      rootLabel: 'all',
      matched: undefined,
      diff: undefined,
    },
    at,
  );
  return { rects, texts, fillStyles };
}
