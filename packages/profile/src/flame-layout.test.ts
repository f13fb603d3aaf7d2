import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boxAt, boxOf, depthOf, type FlameLayout, layoutFlame, nodeAt } from './flame-layout.js';
import { type FlameTree, unfilledFlameTree } from './flame-tree.js';
import { NONE } from './kinds.js';

describe('layoutFlame', () => {
  const tree = `
    root 100
      a 60
        x 30
      b 1
      c 39
  `;

  test('places children from the left of their parent, own time at its right', () => {
    check(tree, { widthPx: 100, minWidthPx: 0.5 }, ['root[0 100]', 'a[0 60] b[60 61] c[61 100]', 'x[0 30]']);
  });

  test('joins what is too narrow into runs and counts it', () => {
    const layout = check(tree, { widthPx: 100, minWidthPx: 1.5 }, [
      'root[0 100]',
      'a[0 60] c[61 100]',
      'x[0 30]',
    ]);
    expect(layout).toMatchObject({ culledNodes: 1, culledValue: 1, runCount: 0 });
    check('root 100\n  a 50\n  b 1\n    deep 1\n  c 1\n  d 1\n  e 40', { widthPx: 100, minWidthPx: 2 }, [
      'root[0 100]',
      'a[0 50] e[53 93] …3[50 53]',
    ]);
  });

  test('a row may hold nothing but runs', () => {
    const many = Array.from({ length: 400 }, (_, n) => `  s${n} 1`).join('\n');
    const layout = check(`root 400\n${many}`, { widthPx: 100 }, ['root[0 100]', '…400[0 100]']);
    expect(layout.rowCount).toBe(2);
    expect(layout.culledNodes).toBe(400);
  });

  test('draws the zoomed node and its ancestors full width, nothing beside them', () => {
    const layout = check(tree, { widthPx: 100, zoom: 'x' }, ['root[0 100]', 'a[0 100]', 'x[0 100]']);
    expect(layout.ancestorRows).toBe(2);
    check(tree, { widthPx: 100, zoom: 'a' }, ['root[0 100]', 'a[0 100]', 'x[0 50]']);
  });

  test('a part of the row fills the width, and what is beside it is not placed', () => {
    const layout = layoutFlame(treeOf(tree), { widthPx: 100, zoomNode: 0, from: 0.5, to: 0.75 });
    const boxes = Array.from({ length: layout.count }, (_, box) => [layout.x[box], layout.width[box]]);
    // The root and a begin left of it, c ends right of it; x ends before it.
    expect(boxes).toEqual([
      [-200, 400],
      [-200, 240],
      [40, 4],
      [44, 156],
    ]);
    expect(layout.rowCount).toBe(2);
    expect(layoutFlame(treeOf(tree), { widthPx: 100, zoomNode: 0, from: 0.7, to: 0.8 }).count).toBe(2);
    expect(() => layoutFlame(treeOf(tree), { widthPx: 100, zoomNode: 0, from: 0.7, to: 0.7 })).toThrow(
      /from 0.7 to 0.7 is not a part/,
    );
  });

  test('an empty tree is one row', () => {
    check('root 0', { widthPx: 100 }, ['root[0 100]']);
  });

  test('keeps more boxes than the first columns hold', () => {
    const many = Array.from({ length: 3000 }, (_, n) => `  s${n} 1`).join('\n');
    const layout = layoutFlame(treeOf(`root 3000\n${many}`), { widthPx: 3000, zoomNode: 0 });
    expect(layout.count).toBe(3001);
    expect(layout.x[3000]).toBeCloseTo(2999);
  });

  test('says what is wrong with what it is asked', () => {
    const small = treeOf('root 1');
    expect(() => layoutFlame(small, { widthPx: Number.NaN, zoomNode: 0 })).toThrow(/widthPx NaN/);
    expect(() => layoutFlame(small, { widthPx: 10, zoomNode: 7 })).toThrow(
      /zoomNode 7 is not in the tree of 1/,
    );
    expect(() => layoutFlame(small, { widthPx: 10, zoomNode: 0, minWidthPx: 0 })).toThrow(/minWidthPx 0/);
  });
});

describe('hit test', () => {
  const tree = treeOf('root 100\n  a 60\n    x 30\n  b 1\n  c 39');
  const layout = layoutFlame(tree, { widthPx: 100, zoomNode: 0, minWidthPx: 2 });
  const labelAt = (xPx: number, depth: number) => {
    const node = nodeAt(layout, xPx, depth);
    return node === NONE ? 'nothing' : tree.labels[tree.label[node]!];
  };

  test('finds the box under a point; a box holds its left edge', () => {
    expect(labelAt(0, 1)).toBe('a');
    expect(labelAt(59.9, 1)).toBe('a');
    expect(labelAt(61, 1)).toBe('c');
    expect(labelAt(29.9, 2)).toBe('x');
  });

  test('finds nothing in gaps, own time, runs and outside', () => {
    expect(labelAt(60.5, 1)).toBe('nothing');
    expect(labelAt(30, 2)).toBe('nothing');
    expect(labelAt(-1, 0)).toBe('nothing');
    expect(labelAt(100, 0)).toBe('nothing');
    expect(labelAt(5, 3)).toBe('nothing');
    expect(labelAt(5, -1)).toBe('nothing');
  });

  test('finds the box of a node, where it has one', () => {
    for (let box = 0; box < layout.count; box++) expect(boxOf(tree, layout, layout.node[box]!)).toBe(box);
    const b = [...tree.label.keys()].find((node) => tree.labels[tree.label[node]!] === 'b')!;
    expect(boxOf(tree, layout, b)).toBe(NONE);
    expect(boxOf(tree, layout, 99)).toBe(NONE);
  });
});

describe('properties', () => {
  const someTree = fc
    .array(
      fc.record({
        up: fc.nat(),
        selfValue: fc.oneof(fc.nat(1000), fc.double({ min: 0, max: 1e12, noNaN: true })),
      }),
      {
        maxLength: 200,
      },
    )
    .map(randomTree);
  const someLayout = fc
    .record({
      tree: someTree,
      zoom: fc.nat(),
      widthPx: fc.integer({ min: 1, max: 2000 }),
      min: fc.constantFrom(0.5, 1, 7),
    })
    .map(({ tree, zoom, widthPx, min }) => ({
      tree,
      zoomNode: zoom % tree.nodeCount,
      widthPx,
      minWidthPx: min,
      layout: layoutFlame(tree, { widthPx, zoomNode: zoom % tree.nodeCount, minWidthPx: min }),
    }));
  const ROUNDING_PX = 1e-6;

  test('children and runs lie within their parent and do not overlap; their sum is not above it', () => {
    fc.assert(
      fc.property(someLayout, ({ tree, layout }) => {
        for (let depth = 0; depth < layout.rowCount; depth++) {
          const spans = spansOf(layout, depth);
          for (let n = 1; n < spans.length; n++) {
            expect(spans[n]!.x).toBeGreaterThanOrEqual(spans[n - 1]!.x + spans[n - 1]!.width - ROUNDING_PX);
          }
          if (depth === 0) continue;
          const widthUnder = new Map<number, number>();
          for (const span of spans) {
            const parent = boxAt(layout, span.x + span.width / 2, depth - 1);
            expect(parent).not.toBe(NONE);
            expect(span.x).toBeGreaterThanOrEqual(layout.x[parent]! - ROUNDING_PX);
            expect(span.x + span.width).toBeLessThanOrEqual(
              layout.x[parent]! + layout.width[parent]! + ROUNDING_PX,
            );
            if (span.node !== NONE) expect(layout.node[parent]).toBe(tree.parent[span.node]);
            widthUnder.set(parent, (widthUnder.get(parent) ?? 0) + span.width);
          }
          for (const [parent, width] of widthUnder) {
            expect(width).toBeLessThanOrEqual(layout.width[parent]! + ROUNDING_PX);
          }
        }
      }),
    );
  });

  test('every box keeps its depth, its least width and the order of its siblings, whatever the values', () => {
    fc.assert(
      fc.property(someLayout, ({ tree, layout, minWidthPx, zoomNode }) => {
        expect(layout.rowStart[layout.rowCount]).toBe(layout.count);
        for (let box = 0; box < layout.count; box++) {
          const node = layout.node[box]!;
          expect(layout.depth[box]).toBe(depthOf(tree, node));
          expect(nodeAt(layout, layout.x[box]! + layout.width[box]! / 2, layout.depth[box]!)).toBe(node);
          if (box <= layout.ancestorRows) expect(layout.x[box]).toBe(0);
          else expect(layout.width[box]).toBeGreaterThanOrEqual(minWidthPx);
          const before = box > 0 ? layout.node[box - 1]! : NONE;
          if (
            box > 0 &&
            tree.parent[before] === tree.parent[node] &&
            layout.depth[box - 1] === layout.depth[box]
          ) {
            expect(tree.labels[tree.label[before]!]! < tree.labels[tree.label[node]!]!).toBe(true);
          }
        }
        expect(layout.node[layout.ancestorRows]).toBe(zoomNode);
      }),
    );
  });

  test('what is left out is all that is not placed, once', () => {
    fc.assert(
      fc.property(someLayout, ({ tree, layout, zoomNode }) => {
        const placed = new Set(layout.node.subarray(0, layout.count));
        let nodes = 0;
        let ns = 0;
        for (let node = 1; node < tree.nodeCount; node++) {
          const parent = tree.parent[node]!;
          const isInside = placed.has(parent) && depthOf(tree, parent) >= depthOf(tree, zoomNode);
          if (isInside && !placed.has(node)) {
            nodes++;
            ns += tree.totalValue[node]!;
          }
        }
        expect(layout.culledNodes).toBe(nodes);
        expect(layout.culledValue).toBeCloseTo(ns, 3);
      }),
    );
  });
});

interface Span {
  x: number;
  width: number;
  /** NONE for a run. */
  node: number;
  text: string;
}

function spansOf(layout: FlameLayout, depth: number): Span[] {
  const spans: Span[] = [];
  for (let box = layout.rowStart[depth]!; box < layout.rowStart[depth + 1]!; box++) {
    spans.push({ x: layout.x[box]!, width: layout.width[box]!, node: layout.node[box]!, text: '' });
  }
  for (let run = 0; run < layout.runCount; run++) {
    if (layout.runDepth[run] !== depth) continue;
    spans.push({
      x: layout.runX[run]!,
      width: layout.runWidth[run]!,
      node: NONE,
      text: `…${layout.runNodes[run]}`,
    });
  }
  return spans.sort((a, b) => a.x - b.x);
}

/** Lays out an indented tree and compares its rows: boxes `label[left right]`, then runs `…nodes[left right]`. */
function check(
  text: string,
  options: { widthPx: number; minWidthPx?: number; zoom?: string },
  rows: string[],
): FlameLayout {
  const tree = treeOf(text);
  const zoomNode = options.zoom
    ? [...tree.label.keys()].find((node) => tree.labels[tree.label[node]!] === options.zoom)!
    : 0;
  const { zoom: _, ...rest } = options;
  const layout = layoutFlame(tree, { ...rest, zoomNode });
  const round = (px: number) => Math.round(px * 1000) / 1000;
  const printed = Array.from({ length: layout.rowCount }, (_, depth) => {
    const spans = spansOf(layout, depth);
    return [...spans.filter((span) => span.node !== NONE), ...spans.filter((span) => span.node === NONE)]
      .map((span) => {
        const text = span.node === NONE ? span.text : tree.labels[tree.label[span.node]!];
        return `${text}[${round(span.x)} ${round(span.x + span.width)}]`;
      })
      .join(' ');
  });
  expect(printed).toEqual(rows);
  return layout;
}

/** A tree from lines `label totalValue`, two spaces a level; siblings are to be written in order of label. */
function treeOf(text: string): FlameTree {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const indent = lines[0]!.search(/\S/);
  const stack: number[] = [];
  const nodes = lines.map((line, node) => {
    const depth = (line.search(/\S/) - indent) / 2;
    const [label, total] = line.trim().split(' ');
    stack[depth] = node;
    return { label: label!, parent: depth === 0 ? NONE : stack[depth - 1]!, totalValue: Number(total) };
  });
  return columnsOf(nodes);
}

/** A tree in which node n hangs below an earlier one; siblings are numbered, so label order is node order. */
function randomTree(nodes: { up: number; selfValue: number }[]): FlameTree {
  const specs = [{ label: '', parent: NONE, totalValue: 0 }];
  for (const [index, { up, selfValue }] of nodes.entries()) {
    specs.push({ label: String(index).padStart(4, '0'), parent: up % specs.length, totalValue: selfValue });
  }
  for (let node = specs.length - 1; node > 0; node--)
    specs[specs[node]!.parent]!.totalValue += specs[node]!.totalValue;
  return columnsOf(specs);
}

function columnsOf(nodes: { label: string; parent: number; totalValue: number }[]): FlameTree {
  const nodeCount = nodes.length;
  const tree = unfilledFlameTree(
    nodes.map(({ label }) => label),
    nodeCount,
  );
  for (const [node, { parent, totalValue }] of nodes.entries()) {
    tree.parent[node] = parent;
    tree.label[node] = node;
    tree.totalValue[node] = totalValue;
  }
  for (let node = nodeCount - 1; node > 0; node--) {
    const parent = tree.parent[node]!;
    tree.nextSibling[node] = tree.firstChild[parent]!;
    tree.firstChild[parent] = node;
  }
  return tree;
}
